import { comparisonPage, fetchRegistry, shadowPage } from "../../api/registry.ts";
import type { Registered } from "../../api/types.ts";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Table } from "../../parts/table.tsx";
import { dateTime, t } from "../../texts/index.ts";

/** Which versions of bundles there are, which of them reads, and what each rests on. */
export function Registry() {
  const fetched = useFetched(fetchRegistry);
  const { registry } = t.settings;
  return (
    <section class="part" aria-labelledby="registry-title">
      <h2 id="registry-title">{registry.title}</h2>
      <WhenFetched fetched={fetched}>
        {({ reads, bundles }) => (
          <>
            <p>{registry.reads(reads)}</p>
            {bundles.length > 0 && <Versions bundles={bundles} />}
          </>
        )}
      </WhenFetched>
    </section>
  );
}

function Versions({ bundles }: { bundles: readonly Registered[] }) {
  const { registry } = t.settings;
  return (
    <Table
      name={registry.title}
      columns={[registry.version, registry.stage, registry.since, registry.by, registry.why, registry.comparison]}
      rows={bundles.map((bundle) => {
        const last = bundle.changes.at(-1);
        return {
          key: bundle.digest,
          cells: [
            bundle.identity,
            bundle.stage === "shadow" ? (
              <a key="shadow" href={shadowPage(bundle.digest)} target="_blank" rel="noreferrer">
                {registry.stages.shadow}
              </a>
            ) : (
              registry.stages[bundle.stage]
            ),
            dateTime(last?.time ?? bundle.added),
            last?.person ?? "",
            <Why key="why" bundle={bundle} />,
            bundle.compared ? (
              <a key="comparison" href={comparisonPage(bundle.digest)} target="_blank" rel="noreferrer">
                {registry.open}
              </a>
            ) : (
              registry.none
            ),
          ],
        };
      })}
    />
  );
}

/** The reason of the last change, and of a promotion what did not hold and who overrode it. */
function Why({ bundle }: { bundle: Registered }) {
  const { registry } = t.settings;
  const last = bundle.changes.at(-1);
  const failed = last?.requirements.filter((one) => !one.passed).length ?? 0;
  return (
    <span class="sentences">
      {last?.reason}
      {last?.override != null && <strong class="expired"> {registry.overridden(failed, last.override)}</strong>}
    </span>
  );
}
