// The frame of login and set-up: what comes before anybody is known.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Logo } from "../../parts/logo.tsx";
import { t } from "../../texts/index.ts";

interface Props {
  title: string;
  lead?: string;
  children: ComponentChildren;
}

export function EntryPage({ title, lead, children }: Props) {
  useEffect(() => {
    document.title = t.title(title);
  }, [title]);
  return (
    <main class="door">
      <div class="door-card">
        <p class="door-brand">
          <Logo />
          <span>{t.name}</span>
        </p>
        <h1>{title}</h1>
        {lead !== undefined && <p class="help">{lead}</p>}
        {children}
      </div>
      <p class="not-diagnosis">{t.notDiagnosis}</p>
      <p class="help door-foot">{t.notDiagnosisWhy}</p>
    </main>
  );
}
