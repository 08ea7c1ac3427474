/** `output` is what it printed where `capture` was asked for. */
export function runNode(
  args: string[],
  options: { cwd: string; env?: Record<string, string>; limit: number; capture?: boolean },
): Promise<{ status: number; late: boolean; output: string; seconds: number }>;
