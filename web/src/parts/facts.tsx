interface Props {
  facts: readonly (readonly [name: string, value: string])[];
  narrow?: boolean;
}

/** Names with their values. */
export function Facts({ facts, narrow = false }: Props) {
  return (
    <dl class={narrow ? "facts-list narrow" : "facts-list"}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
