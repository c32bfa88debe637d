// What the readers disagree on, and what is chosen for each.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { AdjudicationCase, FullAnnotationProject } from "../../../api/types.ts";
import {
  CHANGED,
  chosenRead,
  chosenValue,
  NONE,
  readChosen,
  regionIdOf,
  valueChosen,
} from "../../../logic/annotation/consensus.ts";
import { answerKey } from "../../../logic/annotation/draft.ts";
import { labelNamed } from "../../../logic/annotation/schema.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { change, draft, selected } from "../../../state/annotation/editor.ts";
import { t } from "../../../texts/index.ts";
import { active } from "../../../viewer/display.ts";

interface Props {
  project: FullAnnotationProject;
  study: AdjudicationCase;
  disabled: boolean;
}

function valueText(value: number | null): string {
  return value === null ? t.annotation.decide.noAnswer : t.annotation.values[value as 1 | 0 | -1];
}

export function Differences({ project, study, disabled }: Props) {
  const { decide } = t.annotation;
  const images = inOrder(study.images);
  const name = (label: string, image: number | null) =>
    [
      labelNamed(project.label_schema, label)?.name ?? label,
      image === null ? null : t.viewer.image(numberOf(images, image), ""),
    ]
      .filter((part) => part !== null)
      .join(", ");
  const readerOf = (read: string) => study.reads.find(({ id }) => String(id) === read)?.reader ?? read;
  if (study.labels.length + study.regions.length === 0) {
    return (
      <section>
        <p>{decide.agreed}</p>
      </section>
    );
  }
  return (
    <section aria-label={decide.differences}>
      <h2>{decide.differences}</h2>
      {study.labels.map(({ label, image, values }, at) => {
        const key = answerKey(label, image);
        const chosen = chosenValue(study, draft.value, at);
        return (
          <Difference
            key={key}
            name={name(label, image)}
            wanted={chosen === undefined}
            onShow={() => image !== null && (active.value = image)}
            said={Object.entries(values).map(([read, value]) => decide.says(readerOf(read), valueText(value)))}
          >
            {([1, 0, -1, null] as const).map((value) => (
              <Option
                key={String(value)}
                label={valueText(value)}
                chosen={chosen === value}
                disabled={disabled}
                onChoose={() => change(...valueChosen(study, at, value))}
              />
            ))}
          </Difference>
        );
      })}
      {study.regions.map(({ label, image, regions, missing }, at) => {
        const chosen = chosenRead(study, draft.value, at);
        const choose = (choice: string) => {
          change(...readChosen(study, draft.peek(), at, choice));
          if (choice !== NONE) selected.value = regionIdOf(at);
        };
        return (
          <Difference
            key={Object.values(regions)[0]?.id ?? at}
            name={name(label, image)}
            wanted={chosen === undefined}
            onShow={() => (active.value = image)}
            said={missing.map((read) => decide.says(readerOf(String(read)), decide.nobody))}
          >
            {Object.keys(regions).map((read) => (
              <Option
                key={read}
                label={decide.of(readerOf(read))}
                chosen={chosen === read}
                disabled={disabled}
                onChoose={() => choose(read)}
              />
            ))}
            <Option label={decide.nobody} chosen={chosen === NONE} disabled={disabled} onChoose={() => choose(NONE)} />
            {chosen === CHANGED && <span class="help">{decide.changed}</span>}
          </Difference>
        );
      })}
    </section>
  );
}

interface DifferenceProps {
  name: string;
  /** Whether nothing was chosen yet. */
  wanted: boolean;
  said: readonly string[];
  onShow: () => void;
  children: ComponentChildren;
}

function Difference({ name, wanted, said, onShow, children }: DifferenceProps) {
  const id = useId();
  return (
    <div class={`difference${wanted ? " wanted" : ""}`} role="group" aria-labelledby={id} onFocusCapture={onShow}>
      <h3 id={id}>{name}</h3>
      <p class="help">{said.join(" · ")}</p>
      <div class="answer-values">{children}</div>
    </div>
  );
}

interface OptionProps {
  label: string;
  chosen: boolean;
  disabled: boolean;
  onChoose: () => void;
}

function Option({ label, chosen, disabled, onChoose }: OptionProps) {
  return (
    <button type="button" class="small" aria-pressed={chosen} disabled={disabled} onClick={onChoose}>
      {label}
    </button>
  );
}
