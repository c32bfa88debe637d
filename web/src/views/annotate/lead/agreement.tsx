// How far the readers agree, plainly; the report has every figure.

import { fetchAgreement } from "../../../api/annotation.ts";
import { urlOf } from "../../../api/http.ts";
import type { Agreement, AgreementFigure, AgreementRow } from "../../../api/types.ts";
import { useFetched, WhenFetched } from "../../../parts/fetched.tsx";
import { Table } from "../../../parts/table.tsx";
import { t } from "../../../texts/index.ts";

/** `small`: whether it is computed at once; of a large project it takes long, and the report waits until it is asked for. */
export function AgreementPart({ project, small }: { project: string; small: boolean }) {
  const { agreement } = t.annotation;
  return (
    <section class="part" aria-label={agreement.title}>
      <h2>{agreement.title}</h2>
      {small && <Figures project={project} />}
      <p>
        <a
          href={urlOf("/api/v1/projects/{project}/agreement.html", { path: { project } })}
          target="_blank"
          rel="noopener"
        >
          {t.annotation.lead.report}
        </a>
      </p>
    </section>
  );
}

function Figures({ project }: { project: string }) {
  const { agreement } = t.annotation;
  const fetched = useFetched(() => fetchAgreement(project));
  return (
    <WhenFetched fetched={fetched}>
      {(found) => {
        const all = rowsOf(found, "study");
        const labels = all.filter(({ figures }) => figures.alpha?.undefined !== "one_category");
        const regions = rowsOf(found, "region");
        if (all.length + regions.length === 0) return <p class="help">{agreement.nothing}</p>;
        return (
          <>
            <p>{agreement.lead(found.read_twice)}</p>
            {labels.length > 0 && (
              <Table
                name={agreement.labels}
                columns={[agreement.labels, agreement.studies, agreement.observed, agreement.alpha]}
                rows={labels.map((row) => ({
                  key: row.variable,
                  cells: [
                    titleOf(found, row),
                    row.cases,
                    figureText(row.figures.observed),
                    figureText(row.figures.alpha),
                  ],
                }))}
              />
            )}
            {labels.length < all.length && <p class="help">{agreement.same(all.length - labels.length)}</p>}
            {regions.length > 0 && (
              <Table
                name={agreement.regions}
                columns={[agreement.regions, agreement.drawn, agreement.f1(0.3), agreement.f1(0.5)]}
                rows={regions.map((row) => ({
                  key: row.variable,
                  cells: [
                    titleOf(found, row),
                    Object.values(row.counts ?? {}).reduce((sum, n) => sum + n, 0),
                    figureText(row.figures.f1_30),
                    figureText(row.figures.f1_50),
                  ],
                }))}
              />
            )}
            <p class="help">{agreement.help}</p>
          </>
        );
      }}
    </WhenFetched>
  );
}

function rowsOf(found: Agreement, level: AgreementRow["level"]): AgreementRow[] {
  return found.rows.filter((row) => row.compared === "all" && row.level === level);
}

function titleOf(found: Agreement, { level, variable }: AgreementRow): string {
  const known = found.variables[level]?.find(({ id }) => id === variable);
  return variable === "*" ? t.annotation.agreement.allLabels : (known?.title ?? variable);
}

function figureText(figure: AgreementFigure | undefined): string {
  const { agreement } = t.annotation;
  if (figure === undefined) return "–";
  if (figure.estimate === null) return figure.undefined === null ? "–" : agreement.undefined[figure.undefined];
  const { value, low, high } = figure.estimate;
  return low === null || high === null ? value.toFixed(2) : agreement.interval(...three(value, low, high));
}

function three(value: number, low: number, high: number): [string, string, string] {
  return [value.toFixed(2), low.toFixed(2), high.toFixed(2)];
}
