// Which files are sent together. The views of a DICOM study belong in one upload, whatever order they were dropped in;
// other pictures are a study each, so that each has its own progress.

const UID_TAG = [0x20, 0x00, 0x0d, 0x00] as const;
/** StudyInstanceUID is near the beginning, before the pixels. */
export const HEAD = 65_536;

export function isDicom(head: Uint8Array): boolean {
  return head.length > 132 && String.fromCharCode(...head.subarray(128, 132)) === "DICM";
}

/** StudyInstanceUID, found without parsing the file: by its tag and a value that looks like one. */
export function studyUid(head: Uint8Array): string | undefined {
  for (let at = 132; at + 12 < head.length; at++) {
    if (!UID_TAG.every((byte, step) => head[at + step] === byte)) continue;
    const explicit = head[at + 4] === 0x55 && head[at + 5] === 0x49; // "UI", then two bytes of length
    const length = (head[at + (explicit ? 6 : 4)] ?? 0) + 256 * (head[at + (explicit ? 7 : 5)] ?? 0);
    const value = String.fromCharCode(...head.subarray(at + 8, at + 8 + Math.min(length, 64)));
    const uid = value.replace(/[\0 ]+$/, "");
    if (/^[0-9]+(\.[0-9]+)+$/.test(uid)) return uid;
  }
  return undefined;
}

export interface Sniffed {
  file: File;
  dicom: boolean;
  study: string | undefined;
}

export async function sniff(file: File): Promise<Sniffed> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const dicom = isDicom(head);
  return { file, dicom, study: dicom ? studyUid(head) : undefined };
}

/** The uploads that files make, in the order in which they were given. */
export function grouped<Item extends Pick<Sniffed, "dicom" | "study">>(
  items: readonly Item[],
  together: boolean,
): Item[][] {
  const groups = new Map<string, Item[]>();
  items.forEach((item, place) => {
    const alone = together && !item.dicom ? "together" : `file ${place}`;
    const name = item.study === undefined ? alone : `study ${item.study}`;
    groups.set(name, [...(groups.get(name) ?? []), item]);
  });
  return [...groups.values()];
}

/** How much of each file has been sent, in [0, 1], when so many bytes of all have; they are sent one after another. */
export function sentShares(sizes: readonly number[], sent: number): number[] {
  let before = 0;
  return sizes.map((size) => {
    const share = size === 0 ? 1 : Math.min(1, Math.max(0, (sent - before) / size));
    before += size;
    return share;
  });
}
