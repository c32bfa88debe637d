import { useSignal } from "@preact/signals";
import { Fault } from "../../parts/fault.tsx";
import { Field } from "../../parts/field.tsx";
import { useSubmit } from "../../parts/submit.ts";
import { attempt, notify } from "../../state/notices.ts";
import { changePassword, logout, session } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { Door } from "./door.tsx";

/** What somebody meets whose password was set by an administrator: they choose one that nobody else knows. */
export function FirstPassword() {
  return (
    <Door title={t.password.first} lead={t.password.firstLead(session.value?.user?.name ?? "")}>
      <PasswordForm first />
      <button type="button" class="quiet" onClick={() => void attempt(logout)}>
        {t.nav.logout}
      </button>
    </Door>
  );
}

/** Changes one's own password. */
export function PasswordForm({ first = false }: { first?: boolean }) {
  const old = useSignal("");
  const fresh = useSignal("");
  const again = useSignal("");
  const differ = again.value !== "" && again.value !== fresh.value;
  const { busy, problem, onSubmit } = useSubmit(async () => {
    if (again.value !== fresh.value) return;
    await changePassword(old.value, fresh.value);
    for (const field of [old, fresh, again]) field.value = "";
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
      <Field
        label={t.password.fresh}
        type="password"
        value={fresh.value}
        onInput={(value) => (fresh.value = value)}
        help={t.setup.rule}
        minlength={12}
        autocomplete="new-password"
      />
      <Field
        label={t.password.again}
        type="password"
        value={again.value}
        onInput={(value) => (again.value = value)}
        autocomplete="new-password"
      />
      {differ && (
        <p class="remark" role="status">
          {t.setup.differ}
        </p>
      )}
      {problem.value !== null && <Fault problem={wrong ? { title: t.password.wrong, status: 403 } : problem.value} />}
      <button type="submit" class="primary" disabled={busy.value || differ}>
        {t.password.submit}
      </button>
    </form>
  );
}
