import { useSignal } from "@preact/signals";
import { problemOfStatus } from "../../api/http.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Field } from "../../parts/forms/field.tsx";
import { isRepeated, NewPasswordFields, useNewPassword } from "../../parts/forms/new-password.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { attempt, notify } from "../../state/notices.ts";
import { changePassword, logout, session } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { EntryPage } from "./entry-page.tsx";

/** Shown to somebody whose password was set by an administrator: they choose one that nobody else knows. */
export function FirstPassword() {
  return (
    <EntryPage title={t.password.first} lead={t.password.firstLead(session.value?.user?.name ?? "")}>
      <PasswordForm first />
      <button type="button" class="quiet" onClick={() => void attempt(logout)}>
        {t.nav.logout}
      </button>
    </EntryPage>
  );
}

/** Changes one's own password. */
export function PasswordForm({ first = false }: { first?: boolean }) {
  const old = useSignal("");
  const chosen = useNewPassword();
  const { busy, problem, onSubmit } = useSubmit(async () => {
    if (!isRepeated(chosen)) return;
    await changePassword(old.value, chosen.password.value);
    for (const field of [old, chosen.password, chosen.repeated]) field.value = "";
    notify(t.password.done);
  });
  const wrong = problem.value?.status === 403;
  return (
    <form onSubmit={onSubmit}>
      {/* tells password managers whose password it is */}
      <input type="text" hidden autocomplete="username" value={session.value?.user?.name ?? ""} readOnly />
      <Field
        label={first ? t.password.given : t.password.old}
        type="password"
        value={old.value}
        onInput={(value) => (old.value = value)}
        autocomplete="current-password"
        first={first}
      />
      <NewPasswordFields label={t.password.fresh} chosen={chosen} />
      {problem.value !== null && (
        <ProblemAlert problem={wrong ? problemOfStatus(403, t.password.wrong) : problem.value} />
      )}
      <button
        type="submit"
        class="primary"
        disabled={busy.value || (chosen.repeated.value !== "" && !isRepeated(chosen))}
      >
        {t.password.submit}
      </button>
    </form>
  );
}
