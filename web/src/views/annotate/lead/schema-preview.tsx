import type { LabelSchema } from "../../../api/types.ts";
import { labelNamed, walk } from "../../../logic/annotation/schema.ts";
import { t } from "../../../texts/index.ts";
import { colourOf } from "../bench/colours.ts";

/** The labels of a schema as readers will see them, and its rules in words. */
export function SchemaPreview({ schema, open = false }: { schema: LabelSchema; open?: boolean }) {
  const { schema: words, rules, kinds } = t.annotation;
  const name = (id: string) => labelNamed(schema, id)?.name ?? id;
  const about = (label: ReturnType<typeof walk>[number]["label"]) =>
    [
      words.scopes[label.scope],
      (label.kinds ?? []).map((kind) => kinds[kind]).join(", "),
      label.code == null ? "" : `${label.code.scheme ?? "SCT"} ${label.code.value}`,
      label.selectable === false ? words.heading : "",
    ]
      .filter((part) => part !== "")
      .join(" · ");
  return (
    <details class="schema-preview" open={open}>
      <summary>{words.preview(schema.title, walk(schema.labels).length)}</summary>
      <ul>
        {walk(schema.labels).map(({ label, depth }) => (
          <li key={label.id} style={{ paddingLeft: `${depth * 16}px` }}>
            <span class="label-name">
              {label.scope === "region" && <span class="swatch" style={{ borderColor: colourOf(schema, label.id) }} />}
              {label.hotkey !== undefined && label.hotkey !== "" && <kbd>{label.hotkey.toUpperCase()}</kbd>}
              {label.name}
            </span>
            <span class="help">{about(label)}</span>
          </li>
        ))}
      </ul>
      {(schema.rules ?? []).length > 0 && (
        <>
          <p class="help">{words.rules}</p>
          <ul class="schema-rules">
            {(schema.rules ?? []).map(({ kind, labels, label = "" }) => (
              <li key={`${kind} ${label} ${labels.join()}`}>
                {kind === "excludes"
                  ? rules.excludes(name(label), labels.map(name).join(", "), "")
                  : rules[kind](labels.map(name).join(", "), "")}
              </li>
            ))}
          </ul>
        </>
      )}
      {schema.about !== undefined && schema.about !== "" && <p class="help">{schema.about}</p>}
    </details>
  );
}
