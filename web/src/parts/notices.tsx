import { locking } from "../state/idle.ts";
import { announcement, dismiss, notices } from "../state/notices.ts";
import { t } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

/** Messages that go by themselves, and the region that screen readers listen to. */
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

/** Says that the screen is about to be locked, for want of any input. */
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
