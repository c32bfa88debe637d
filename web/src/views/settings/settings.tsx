import { useEffect } from "preact/hooks";
import { Facts } from "../../parts/facts.tsx";
import { shortcuts, THEMES, theme } from "../../state/preferences.ts";
import { address, PAGES, type SettingsPage } from "../../state/route.ts";
import { may, session } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { BundleFacts, useBundle } from "../../viewer/panel/bundle.tsx";
import { Account } from "./account.tsx";
import { Audit } from "./audit.tsx";
import { Keys } from "./keys.tsx";
import { Monitoring } from "./monitoring.tsx";
import { People } from "./people.tsx";
import { Storage } from "./storage.tsx";
import "../../styles/side.css";
import "../../styles/settings.css";

const ADMINISTRATION: readonly SettingsPage[] = ["people", "keys", "audit", "storage", "monitoring"];

export default function Settings({ page }: { page: SettingsPage }) {
  useEffect(() => {
    document.title = t.title(t.settings.title);
  }, []);
  const pages = PAGES.filter((one) => may("administrator") || !ADMINISTRATION.includes(one));
  const shown = pages.includes(page) ? page : "look";
  return (
    <main id="content" tabIndex={-1} class="settings">
      <h1>{t.settings.title}</h1>
      <nav class="tabs" aria-label={t.settings.title}>
        {pages.map((one) => (
          <a
            key={one}
            href={address({ view: "settings", page: one })}
            aria-current={one === shown ? "page" : undefined}
          >
            {t.settings.pages[one]}
          </a>
        ))}
      </nav>
      <section aria-label={t.settings.pages[shown]}>
        {shown === "look" && <Look />}
        {shown === "account" && <Account />}
        {shown === "people" && <People />}
        {shown === "keys" && <Keys />}
        {shown === "audit" && <Audit />}
        {shown === "storage" && <Storage />}
        {shown === "monitoring" && <Monitoring />}
        {shown === "about" && <About />}
      </section>
    </main>
  );
}

function Look() {
  const { settings } = t;
  return (
    <>
      <fieldset>
        <legend>{settings.theme}</legend>
        {THEMES.map((name) => (
          <label key={name} class="radio">
            <input type="radio" name="theme" checked={theme.value === name} onChange={() => (theme.value = name)} />
            {settings.themes[name]}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{settings.shortcuts}</legend>
        <label class="radio">
          <input
            type="checkbox"
            checked={shortcuts.value === "on"}
            onChange={(event) => (shortcuts.value = event.currentTarget.checked ? "on" : "off")}
          />
          {settings.shortcutsOn}
        </label>
        <p class="help">{settings.shortcutsHelp}</p>
      </fieldset>
    </>
  );
}

function About() {
  const identity = session.value?.bundle ?? "";
  const bundle = useBundle(identity);
  const { about } = t.settings;
  return (
    <div class="about">
      <p>{about.lead}</p>
      <p class="strong">
        {t.notDiagnosis}. {t.notDiagnosisWhy}
      </p>
      <Facts
        facts={[
          [about.version, session.value?.version ?? ""],
          [about.bundle, identity],
        ]}
      />
      {bundle !== undefined && <BundleFacts bundle={bundle} />}
      <p class="help">
        {about.offline} {about.images}
      </p>
    </div>
  );
}
