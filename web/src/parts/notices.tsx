import { locking } from "../state/idle.ts";
import { announcement, dismiss, notices } from "../state/notices.ts";
import { t } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

/** Messages that disappear automatically, and the live region for screen readers. */
export function Notices() {
  return (
    <>
      <div class="notices">
        {notices.value.map(({ id, text, kind, again }) => (
          <div key={id} class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
            <Icon name={kind === "error" ? "warning" : "check"} />
            <p>{text}</p>
            {again !== null && (
              <button
                type="button"
                onClick={() => {
                  dismiss(id);
                  again();
                }}
              >
                {t.retry}
              </button>
            )}
            <button type="button" class="quiet" aria-label={t.close} onClick={() => dismiss(id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
      <div class="unseen" aria-live="polite" data-spoken>
        {announcement.value}
      </div>
    </>
  );
}

/** Warns that the screen is about to be locked because there was no input. */
export function LockWarning() {
  const left = locking.value;
  if (left === null) return null;
  return (
    <p class="locking" role="alert">
      <Icon name="warning" />
      {t.locking}
    </p>
  );
}
