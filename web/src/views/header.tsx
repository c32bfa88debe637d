import { useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { Logo } from "../parts/logo.tsx";
import { connected } from "../state/live.ts";
import { attempt } from "../state/notices.ts";
import { address, route } from "../state/route.ts";
import { logout, may, session } from "../state/session.ts";
import { t } from "../texts/index.ts";
import { Help } from "./help.tsx";

/** Name, places, and what must always be seen. */
export function Header() {
  const [help, setHelp] = useState(false);
  const here = route.value.view;
  const user = session.value?.user;
  const visitor = session.value?.open === true && session.value.csrf === null;
  return (
    <header class="top">
      <a class="brand" href={address({ view: "worklist" })}>
        <Logo />
        <span class="brand-name">{t.name}</span>
        <span class="unseen narrow-only">{t.name}</span>
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
        {may("administrator") && (
          <a href={address({ view: "traffic" })} aria-current={here === "traffic" ? "page" : undefined}>
            <Icon name="traffic" />
            <span class="wide-only">{t.traffic.title}</span>
            <span class="unseen narrow-only">{t.traffic.title}</span>
          </a>
        )}
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

function Connection() {
  const live = connected.value;
  if (live === null) return <span class="connection" />;
  return (
    <span class={`connection ${live ? "on" : "off"}`} role="status" title={live ? t.liveTitle : t.offlineTitle}>
      {live ? t.live : t.offline}
    </span>
  );
}
