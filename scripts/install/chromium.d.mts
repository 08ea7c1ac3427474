export function chromiumPath(): string | undefined;
export function findChromium(): Promise<{ path: string; how: string }>;
