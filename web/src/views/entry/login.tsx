import { useSignal } from "@preact/signals";
import { problemOfStatus } from "../../api/http.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Field } from "../../parts/forms/field.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { expired, login, session } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { EntryPage } from "./entry-page.tsx";

export function Login() {
  const name = useSignal("");
  const password = useSignal("");
  const { busy, problem, onSubmit } = useSubmit(() => login(name.value, password.value));
  const oidc = session.value?.oidc ?? null;
  const wrong = problem.value?.status === 401;
  return (
    <EntryPage title={t.login.title}>
      {expired.value && problem.value === null && (
        <p class="remark" role="status">
          {t.login.expired}
        </p>
      )}
      <form onSubmit={onSubmit}>
        <Field
          label={t.login.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          autocomplete="username"
          first
        />
        <Field
          label={t.login.password}
          type="password"
          value={password.value}
          onInput={(value) => (password.value = value)}
          autocomplete="current-password"
        />
        {problem.value !== null && (
          <ProblemAlert problem={wrong ? problemOfStatus(401, t.login.wrong) : problem.value} />
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {t.login.submit}
        </button>
      </form>
      {oidc !== null && (
        <>
          <p class="or">{t.login.or}</p>
          <a class="button" href={oidc.url}>
            {t.login.with(oidc.name)}
          </a>
        </>
      )}
    </EntryPage>
  );
}
