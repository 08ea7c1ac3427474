/** `output` is what it printed where `capture` was asked for. */
export function runNode(
  args: string[],
  options: {
    cwd: string;
    env?: Record<string, string>;
    idle: number;
    tests?: boolean;
    capture?: boolean;
    onLine?: (line: string) => void;
  },
): Promise<{ status: number; late: boolean; output: string; seconds: number }>;
