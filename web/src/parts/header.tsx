import { useState } from "preact/hooks";
import { locking } from "../state/idle.ts";
import { connected } from "../state/live.ts";
import { attempt, dismiss, notices, spoken } from "../state/notices.ts";
import { address, route } from "../state/route.ts";
import { logout, session } from "../state/session.ts";
import { t } from "../texts/index.ts";
import { Help } from "../views/help.tsx";
import { Icon } from "./icon.tsx";

/** Name, places, and what must always be seen. */
export function Header() {
  const [help, setHelp] = useState(false);
  const here = route.value.view;
  const user = session.value?.user;
  const visitor = session.value?.open === true && session.value.csrf === null;
  return (
    <header class="top">
      <a class="brand" href={address({ view: "worklist" })}>
        <Mark />
        <span class="brand-name">{t.name}</span>
        <span class="brand-room">{t.room}</span>
      </a>
      <p class="not-diagnosis" title={t.notDiagnosisWhy}>
        {t.notDiagnosis}
      </p>
      <Connection />
      <nav aria-label={t.nav.main}>
        <a href={address({ view: "worklist" })} aria-current={here === "worklist" ? "page" : undefined}>
          {t.nav.worklist}
        </a>
        <a href={address({ view: "settings", page: "look" })} aria-current={here === "settings" ? "page" : undefined}>
          <Icon name="settings" />
          <span class="wide-only">{t.nav.settings}</span>
          <span class="unseen narrow-only">{t.nav.settings}</span>
        </a>
        <button type="button" class="quiet" title={t.nav.helpTitle} onClick={() => setHelp(true)}>
          <Icon name="help" />
          <span class="wide-only">{t.nav.help}</span>
          <span class="unseen narrow-only">{t.nav.helpTitle}</span>
        </button>
        {user != null && (
          <a
            class="who"
            href={address({ view: "settings", page: "account" })}
            title={t.nav.user(user.name, t.roleNames[user.role])}
          >
            {visitor ? t.nav.visitor : user.name}
          </a>
        )}
        {!visitor && (
          <button type="button" class="quiet" title={t.nav.logout} onClick={() => void attempt(logout)}>
            <Icon name="logout" />
            <span class="unseen">{t.nav.logout}</span>
          </button>
        )}
      </nav>
      {help && <Help onClose={() => setHelp(false)} />}
    </header>
  );
}

/** Says that the screen is about to be locked, for want of any input. */
export function Locking() {
  const left = locking.value;
  if (left === null) return null;
  return (
    <p class="locking" role="alert">
      <Icon name="warning" />
      {t.locking}
    </p>
  );
}

function Connection() {
  const live = connected.value;
  if (live === null) return <span class="connection" />;
  return (
    <span class={`connection ${live ? "on" : "off"}`} role="status" title={live ? t.liveTitle : t.offlineTitle}>
      {live ? t.live : t.offline}
    </span>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        class="bone"
        d="M9 6c2.500 3 3.500 6.500 3.500 10S11.500 23 9 26M23 6c-2.500 3-3.500 6.500-3.500 10s1 7 3.500 10"
      />
      <path class="line" d="M9.500 19.500 14 16l3.500 2.200L22.500 14" />
    </svg>
  );
}

/** Messages that go by themselves, and the region that screen readers listen to. */
export function Notices() {
  return (
    <>
      <div class="notices">
        {notices.value.map(({ id, text, kind, again }) => (
          <div key={id} class={`notice ${kind}`} role={kind === "fault" ? "alert" : "status"}>
            <Icon name={kind === "fault" ? "warning" : "check"} />
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
        {spoken.value}
      </div>
    </>
  );
}
