/** Folders that hold no dictionary that can be read, with the reasons: folded, since the others do not need them. */
export function LeftOut({ says }: { says: readonly string[] }) {
  if (says.length === 0) return null;
  return (
    <details className="caption left-out" data-testid="left-out">
      <summary>What was left out, and why</summary>
      {says.map((each) => (
        <p key={each}>{each}</p>
      ))}
    </details>
  );
}
