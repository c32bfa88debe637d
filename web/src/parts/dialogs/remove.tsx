import { removeStudies } from "../../api/studies.ts";
import { notify } from "../../state/notices.ts";
import { t } from "../../texts/index.ts";
import { Confirm } from "./confirm.tsx";

const NAMED = 8; // studies that are listed by name

interface Props {
  studies: readonly { id: string; name: string }[];
  onClose: () => void;
  onDone: () => void;
}

/** Asks whether studies are to be deleted, and names them. */
export function RemoveStudies({ studies, onClose, onDone }: Props) {
  const { remove } = t;
  const work = async () => {
    const removed = await removeStudies(studies.map(({ id }) => id));
    notify(remove.done(removed.length));
    onDone();
  };
  const only = studies.length === 1 ? studies[0] : undefined;
  return (
    <Confirm
      title={only === undefined ? remove.titleSeveral(studies.length) : remove.title(only.name)}
      action={remove.confirm}
      work={work}
      onClose={onClose}
    >
      {studies.length > 1 && (
        <ul class="named">
          {studies.slice(0, NAMED).map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
          {studies.length > NAMED && <li class="help">{remove.others(studies.length - NAMED)}</li>}
        </ul>
      )}
      <p>{remove.text}</p>
    </Confirm>
  );
}
