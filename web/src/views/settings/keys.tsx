import { useSignal } from "@preact/signals";
import { createKey, fetchKeys, revokeKey } from "../../api/accounts.ts";
import type { Key, Role, Scope } from "../../api/types.ts";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { useFetched, WhenFetched } from "../../parts/fetched.tsx";
import { Choice, Field } from "../../parts/forms/field.tsx";
import { useSubmit } from "../../parts/forms/submit.ts";
import { Table } from "../../parts/table.tsx";
import { notify } from "../../state/notices.ts";
import { dateTime, t } from "../../texts/index.ts";
import { RoleOptions, roleOf } from "./roles.tsx";

const SCOPES: readonly Scope[] = ["send", "view", "metrics", "all"];
/** The role that a scope needs; to send only is what most programs need. */
const ROLES: Partial<Record<Scope, Role>> = { send: "reader", view: "viewer", metrics: "administrator" };
const LIVES = ["30", "90", "365", "1095", ""] as const;

/** Keys of programs. */
export function Keys() {
  const fetched = useFetched(fetchKeys);
  const asked = useSignal<Key | null>(null);
  const { keys } = t.settings;
  const revoke = async ({ id, name }: Key) => {
    await revokeKey(id);
    notify(keys.revoked(name));
    await fetched.load();
  };
  return (
    <>
      <p class="help">{keys.lead}</p>
      <WhenFetched fetched={fetched}>
        {(found) => (found.length === 0 ? <p class="nothing">{keys.none}</p> : <KeyTable keys={found} ask={asked} />)}
      </WhenFetched>
      {asked.value !== null && <Revocation asked={asked.value} work={revoke} onClose={() => (asked.value = null)} />}
      <NewKey onChange={fetched.load} />
    </>
  );
}

function KeyTable({ keys, ask }: { keys: readonly Key[]; ask: { value: Key | null } }) {
  const words = t.settings.keys;
  const { name, scope, role, expires, seen, creator, created } = words;
  return (
    <Table
      name={t.settings.pages.keys}
      columns={[name, scope, role, expires, seen, created, creator, t.settings.actions]}
      rows={keys.map((key) => ({
        key: key.id,
        class: key.expired ? "off" : "",
        cells: [
          key.name,
          key.scopes.map((one) => words.scopeNames[one]).join(", "),
          t.roleNames[key.role],
          key.expires === null ? (
            words.forever
          ) : (
            <>
              {dateTime(key.expires)} {key.expired && <strong class="expired">{words.expired}</strong>}
            </>
          ),
          key.seen === null ? words.never : dateTime(key.seen),
          dateTime(key.created),
          key.creator,
          <button
            key="revoke"
            type="button"
            class="quiet danger"
            aria-label={words.remove(key.name)}
            onClick={() => (ask.value = key)}
          >
            {words.removeShort}
          </button>,
        ],
      }))}
    />
  );
}

function Revocation({ asked, work, onClose }: { asked: Key; work: (key: Key) => Promise<void>; onClose: () => void }) {
  const { keys } = t.settings;
  return (
    <Confirm title={keys.removeTitle(asked.name)} action={keys.removeShort} work={() => work(asked)} onClose={onClose}>
      <p>{keys.removeText}</p>
    </Confirm>
  );
}

function NewKey({ onChange }: { onChange: () => Promise<void> }) {
  const { keys } = t.settings;
  const name = useSignal("");
  const scope = useSignal<Scope>("send");
  const role = useSignal<Role>("reader");
  const days = useSignal<(typeof LIVES)[number]>("365");
  const secret = useSignal<string | null>(null);
  const { busy, problem, onSubmit } = useSubmit(async () => {
    const life = days.value === "" ? null : Number(days.value);
    secret.value = (await createKey(name.value, ROLES[scope.value] ?? role.value, [scope.value], life)).key;
    name.value = "";
    await onChange();
  });
  return (
    <form class="inline-form" onSubmit={onSubmit}>
      <h2>{keys.add}</h2>
      <Field label={keys.name} value={name.value} onInput={(value) => (name.value = value)} />
      <Choice
        label={keys.scope}
        value={scope.value}
        onChange={(value) => (scope.value = SCOPES.find((one) => one === value) ?? "send")}
        help={keys.scopes[scope.value]}
      >
        {SCOPES.map((one) => (
          <option key={one} value={one}>
            {keys.scopeNames[one]}
          </option>
        ))}
      </Choice>
      {scope.value === "all" && (
        <Choice
          label={keys.role}
          value={role.value}
          onChange={(value) => (role.value = roleOf(value))}
          help={t.roles[role.value]}
        >
          <RoleOptions />
        </Choice>
      )}
      <Choice
        label={keys.life}
        value={days.value}
        onChange={(value) => (days.value = LIVES.find((one) => one === value) ?? "365")}
      >
        {LIVES.map((one) => (
          <option key={one} value={one}>
            {keys.lives[one]}
          </option>
        ))}
      </Choice>
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      <button type="submit" class="primary" disabled={busy.value}>
        {keys.add}
      </button>
      {secret.value !== null && <Secret secret={secret.value} />}
    </form>
  );
}

function Secret({ secret }: { secret: string }) {
  return (
    <div class="secret" role="status">
      <p>{t.settings.keys.secret}</p>
      <p>
        <code>{secret}</code>
        <button
          type="button"
          onClick={() => {
            void navigator.clipboard?.writeText(secret).then(() => notify(t.copied));
          }}
        >
          {t.copy}
        </button>
      </p>
    </div>
  );
}
