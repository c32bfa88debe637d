import { Dialog } from "../parts/dialogs/dialog.tsx";
import { t } from "../texts/index.ts";
import { BINDINGS, GROUPS, keyName } from "../viewer/keys.ts";

/** All keys, from the table that the viewer obeys. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t.help.title} wide onClose={onClose}>
      <div class="key-groups">
        {GROUPS.map((group) => (
          <section key={group} aria-label={t.help.groups[group]}>
            <h3>{t.help.groups[group]}</h3>
            <dl>
              {BINDINGS.filter((binding) => binding.group === group).map(({ action, keys }) => (
                <div key={action}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{keyName(key)}</kbd>
                    ))}
                  </dt>
                  <dd>{t.help.keys[action]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="help">{t.help.mouse}</p>
    </Dialog>
  );
}
