// The regions of the study as a list, and what the model proposes.

import type { Proposal, Region, Task } from "../../../api/types.ts";
import { labelNamed, walk } from "../../../logic/annotation/schema.ts";
import { degrees } from "../../../logic/annotation/shapes.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { probability } from "../../../logic/numbers.ts";
import { Icon } from "../../../parts/icon.tsx";
import { change, draft, handle, selected, undecided, writable } from "../../../state/annotation/editor.ts";
import { t } from "../../../texts/index.ts";
import { colourOf } from "./colours.ts";
import { addPoint, decideProposal, erase, relabel, select, stepHandle, zoomTo } from "./commands.ts";

/** What a region is called, with what it measures and where it comes from. */
export function regionText(task: Pick<Task, "label_schema">, region: Region): string {
  const name = labelNamed(task.label_schema, region.label)?.name ?? region.label;
  const angle = region.kind === "angle" ? degrees(region.points) : null;
  return angle === null ? name : `${name} ${t.viewer.degrees(angle.toFixed(1))}`;
}

type Shown = Pick<Task, "label_schema" | "images">;

export function Regions({ task, title = t.annotation.work.regions }: { task: Shown; title?: string }) {
  const { work } = t.annotation;
  const images = inOrder(task.images);
  const all = [...draft.value.regions.values()];
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {all.length === 0 && <p class="help">{work.noRegions}</p>}
      <ul class="regions">
        {all.map((region) => (
          <li key={region.id}>
            <button
              type="button"
              class="quiet region-button"
              aria-pressed={selected.value === region.id}
              onClick={() => select(selected.value === region.id ? null : region.id)}
            >
              <span class="swatch" style={{ borderColor: colourOf(task.label_schema, region.label) }} />
              <span class="region-name">{regionText(task, region)}</span>
              <span class="help">
                {t.viewer.image(numberOf(images, region.image), "")}
                {region.proposal != null && `, ${t.annotation.provenance[region.provenance ?? "own"]}`}
              </span>
            </button>
            <button
              type="button"
              class="quiet small"
              disabled={!writable.value}
              aria-label={work.remove(regionText(task, region))}
              onClick={() => change({ kind: "region_removed", payload: { id: region.id } })}
            >
              <Icon name="close" />
            </button>
            {selected.value === region.id && <Chosen task={task} region={region} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What can be done to the region that is chosen, for those who have no keys at hand. */
function Chosen({ task, region }: { task: Shown; region: Region }) {
  const { work } = t.annotation;
  const free = region.kind === "polygon" || region.kind === "polyline";
  const at = handle.value;
  const locked = !writable.value;
  return (
    <div class="chosen-region">
      <Relabel task={task} region={region} />
      <div class="row-actions">
        <button type="button" class="small" onClick={zoomTo}>
          {work.zoomTo}
        </button>
        {free && (
          <>
            <button type="button" class="small" disabled={locked} onClick={() => stepHandle(1)}>
              {at === null ? work.points : work.handle(at + 1, region.points.length)}
            </button>
            <button type="button" class="small" disabled={locked} onClick={addPoint}>
              {work.addPoint}
            </button>
            <button type="button" class="small" disabled={locked || at === null} onClick={erase}>
              {work.removePoint}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

function Relabel({ task, region }: { task: Shown; region: Region }) {
  const labels = walk(task.label_schema.labels).filter(
    ({ label }) => label.scope === "region" && label.selectable !== false && (label.kinds ?? []).includes(region.kind),
  );
  return (
    <label class="relabel">
      <span class="help">{t.annotation.work.label}</span>
      <select value={region.label} disabled={!writable.value} onChange={(event) => relabel(event.currentTarget.value)}>
        {labels.map(({ label }) => (
          <option key={label.id} value={label.id}>
            {label.name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Proposals({ task }: { task: Task }) {
  const { work } = t.annotation;
  if (task.proposals === null) return null;
  const [first] = task.proposals;
  return (
    <section aria-label={work.proposals}>
      <h2>{work.proposals}</h2>
      <p class="help">{first === undefined ? work.noProposals : work.proposedBy(first.model)}</p>
      <ul class="regions">
        {undecided.value.map((proposal) => (
          <li key={proposal.number}>
            <ProposalRow task={task} proposal={proposal} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ProposalRow({ task, proposal }: { task: Task; proposal: Proposal }) {
  const { work } = t.annotation;
  const name = labelNamed(task.label_schema, proposal.label)?.name ?? proposal.label;
  const text = `${name} ${probability(proposal.score)}`;
  return (
    <div class="proposal">
      <span>{text}</span>
      <button
        type="button"
        class="small"
        disabled={!writable.value}
        aria-label={`${work.accept}: ${text}`}
        onClick={() => decideProposal("accepted", proposal.number)}
      >
        {work.accept}
      </button>
      <button
        type="button"
        class="small"
        disabled={!writable.value}
        aria-label={`${work.reject}: ${text}`}
        onClick={() => decideProposal("rejected", proposal.number)}
      >
        {work.reject}
      </button>
    </div>
  );
}
