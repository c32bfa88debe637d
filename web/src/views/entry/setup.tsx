import { useSignal } from "@preact/signals";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Field } from "../../parts/forms/field.tsx";
import { isRepeated, NewPasswordFields, useNewPassword } from "../../parts/forms/new-password.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { address, replace } from "../../state/route.ts";
import { session, setUp } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { EntryPage } from "./entry-page.tsx";

/** Makes the first administrator, or gives a locked-out one back their access; `found` is the token of the address. */
export function SetUp({ found }: { found: string }) {
  const token = useSignal("");
  const name = useSignal("");
  const chosen = useNewPassword();
  const differ = chosen.repeated.value !== "" && !isRepeated(chosen);
  const first = session.value?.setup === true;
  const { busy, problem, onSubmit } = useSubmit(async () => {
    if (!isRepeated(chosen)) return;
    await setUp(found || token.value.trim(), name.value, chosen.password.value);
    replace({ view: "worklist" }); // the token leaves the address bar and the history
  });
  return (
    <EntryPage title={first ? t.setup.title : t.setup.resetTitle} lead={first ? t.setup.lead : t.setup.resetLead}>
      <form onSubmit={onSubmit}>
        {found === "" ? (
          <Field
            label={t.setup.token}
            value={token.value}
            onInput={(value) => (token.value = value)}
            help={t.setup.tokenHelp}
            first
          />
        ) : (
          <p class="remark">{t.setup.tokenFound}</p>
        )}
        <Field
          label={t.setup.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          autocomplete="username"
          first={found !== ""}
        />
        <NewPasswordFields label={t.password.choose} chosen={chosen} />
        {problem.value !== null && <ProblemAlert problem={problem.value} />}
        <button type="submit" class="primary" disabled={busy.value || differ}>
          {first ? t.setup.submit : t.setup.resetSubmit}
        </button>
      </form>
      {!first && <a href={address({ view: "worklist" })}>{t.setup.instead}</a>}
    </EntryPage>
  );
}
