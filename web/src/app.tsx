// The frame of every view, and which view is shown.

import { useSignal } from "@preact/signals";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useLayoutEffect } from "preact/hooks";
import type { Problem } from "./api/types.ts";
import { ProblemAlert } from "./parts/alert.tsx";
import { Busy } from "./parts/busy.tsx";
import { DropAnywhere } from "./parts/dropping/dropzone.tsx";
import { Tray } from "./parts/dropping/tray.tsx";
import { LockWarning, Notices } from "./parts/notices.tsx";
import { watchIdle } from "./state/idle.ts";
import { startLive } from "./state/live.ts";
import { failure } from "./state/notices.ts";
import { route } from "./state/route.ts";
import { rememberSearch } from "./state/search.ts";
import { loggedIn, refresh, session } from "./state/session.ts";
import { t } from "./texts/index.ts";
import { Login } from "./views/entry/login.tsx";
import { FirstPassword } from "./views/entry/password.tsx";
import { SetUp } from "./views/entry/setup.tsx";
import { Header } from "./views/header.tsx";
import { Worklist } from "./views/worklist/worklist.tsx";

// The viewer brings Cornerstone3D: it is fetched with the first study, not with the worklist.
const Viewer = lazy(() => import("./views/study.tsx"));
const Traffic = lazy(() => import("./views/traffic/traffic.tsx"));
const Settings = lazy(() => import("./views/settings/settings.tsx"));

export function App() {
  const problem = useSignal<Problem | null>(null);
  const ask = () => {
    problem.value = null;
    refresh().catch((error: unknown) => {
      problem.value = failure(error);
    });
  };
  useEffect(ask, []);
  const inside = loggedIn.value;
  useLayoutEffect(() => {
    if (!inside) return;
    const stops = [rememberSearch(session.value?.user?.name ?? ""), watchIdle()];
    return () => {
      for (const stop of stops) stop();
    };
  }, [inside]);
  const free = inside && session.value?.must_change === false;
  useEffect(() => (free ? startLive() : undefined), [free]);

  if (session.value === null) {
    return (
      <main class="alone">
        {problem.value === null ? <Busy /> : <ProblemAlert problem={problem.value} onRetry={ask} />}
      </main>
    );
  }
  const here = route.value;
  if (here.view === "setup") return <SetUp key={here.token} found={here.token} />;
  if (!inside) return session.value.setup ? <SetUp found="" /> : <Login />;
  if (session.value.must_change) {
    return (
      <>
        <FirstPassword />
        <Notices />
      </>
    );
  }
  return (
    <>
      <button type="button" class="skip" onClick={focusContent}>
        {t.skip}
      </button>
      <Header />
      <LockWarning />
      <Suspense fallback={<Busy />}>
        <View />
      </Suspense>
      <Tray />
      <DropAnywhere />
      <Notices />
    </>
  );
}

function View() {
  const here = route.value;
  if (here.view === "study") return <Viewer key={here.id} id={here.id} />;
  if (here.view === "traffic") return <Traffic />;
  return here.view === "settings" ? <Settings page={here.page} /> : <Worklist />;
}

function focusContent(): void {
  document.getElementById("content")?.focus();
}
