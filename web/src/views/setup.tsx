import { useSignal } from "@preact/signals";
import { Fault } from "../parts/fault.tsx";
import { Field } from "../parts/field.tsx";
import { go, setupToken } from "../state/route.ts";
import { setUp } from "../state/session.ts";
import { t } from "../texts/index.ts";
import { Door } from "./door.tsx";
import { useSubmit } from "./submit.ts";

export function SetUp() {
  const found = setupToken(location.hash);
  const token = useSignal(found);
  const name = useSignal("");
  const password = useSignal("");
  const again = useSignal("");
  const differ = again.value !== "" && again.value !== password.value;
  const { busy, problem, onSubmit } = useSubmit(async () => {
    if (again.value !== password.value) return;
    await setUp(token.value.trim(), name.value, password.value);
    go({ view: "worklist" }); // the token leaves the address bar
  });
  return (
    <Door title={t.setup.title} lead={t.setup.lead}>
      <form onSubmit={onSubmit}>
        {found === "" ? (
          <Field
            label={t.setup.token}
            value={token.value}
            onInput={(value) => (token.value = value)}
            help={t.setup.tokenHelp}
          />
        ) : (
          <p class="remark">{t.setup.tokenFound}</p>
        )}
        <Field
          label={t.setup.name}
          value={name.value}
          onInput={(value) => (name.value = value)}
          autocomplete="username"
        />
        <Field
          label={t.setup.password}
          type="password"
          value={password.value}
          onInput={(value) => (password.value = value)}
          help={t.setup.rule}
          minlength={12}
          autocomplete="new-password"
        />
        <Field
          label={t.setup.again}
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
        {problem.value !== null && <Fault problem={problem.value} />}
        <button type="submit" class="primary" disabled={busy.value || differ}>
          {t.setup.submit}
        </button>
      </form>
    </Door>
  );
}
