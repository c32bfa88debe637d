import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchBundles, fetchCard } from "../../api/bundles.ts";
import type { Bundle } from "../../api/types.ts";
import { Dialog } from "../../parts/dialogs/dialog.tsx";
import { attempt } from "../../state/notices.ts";
import { t } from "../../texts/index.ts";

/** What reads here; asked for once. */
let asked: Promise<readonly Bundle[]> | null = null;

export function useBundles(): readonly Bundle[] {
  const bundles = useSignal<readonly Bundle[]>([]);
  useEffect(() => {
    asked ??= fetchBundles();
    asked.then(
      (found) => (bundles.value = found),
      () => (asked = null),
    );
  }, []);
  return bundles.value;
}

export function useBundle(identity: string): Bundle | undefined {
  return useBundles().find((bundle) => bundle.identity === identity);
}

/** What the network is for and not for, and the way to its card. */
export function BundlePart({ identity }: { identity: string }) {
  const bundle = useBundle(identity);
  return (
    <details>
      <summary>
        <h2>{t.bundle.title}</h2>
        <span class="help">{identity}</span>
      </summary>
      {bundle === undefined ? <p class="help">{t.bundle.other}</p> : <BundleFacts bundle={bundle} />}
    </details>
  );
}

export function BundleFacts({ bundle }: { bundle: Bundle }) {
  const card = useSignal<string | null>(null);
  const { doubt, definite } = bundle.operating_points;
  const { indication } = bundle;
  return (
    <div class="bundle">
      <p>{bundle.summary}</p>
      <h3>{t.bundle.indication}</h3>
      <p>{indication.intended_use}</p>
      <p class="help">
        {t.bundle.scope(indication.body_parts.join(", "), indication.minimum_age, indication.maximum_age)}
      </p>
      <h3>{t.bundle.notFor}</h3>
      <ul>
        {indication.not_for.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <h3>{t.bundle.points}</h3>
      <ul>
        <li>{t.bundle.point(t.verdict.doubt, doubt.threshold, doubt.sensitivity, doubt.specificity)}</li>
        <li>{t.bundle.point(t.verdict.definite, definite.threshold, definite.sensitivity, definite.specificity)}</li>
      </ul>
      <button
        type="button"
        onClick={() => {
          void attempt(async () => (card.value = await fetchCard(bundle.name)));
        }}
      >
        {t.bundle.card}
      </button>
      {card.value !== null && (
        <Dialog title={t.bundle.cardTitle(bundle.identity)} wide onClose={() => (card.value = null)}>
          {/* made by the server from Markdown, with all markup of the card's own taken for text */}
          <div class="card" dangerouslySetInnerHTML={{ __html: card.value }} />
        </Dialog>
      )}
    </div>
  );
}
