// What the watch for drift found.

import type { Advice, Certainty, DriftAlarm, WatchedField } from "../../api/types.ts";

const percent = (share: number) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

const fields: Record<WatchedField, string> = {
  sex: "sex",
  view: "view",
  body_part: "body part",
  format: "file format",
  manufacturer: "manufacturer of the device",
  photometric: "photometric interpretation",
  age: "age",
  images: "images a study",
  rows: "image height",
  columns: "image width",
  bits: "bits of a pixel",
  bytes_per_pixel: "bytes of a pixel in the file",
  kvp: "tube voltage",
  exposure: "exposure",
  brightness: "brightness",
  contrast: "contrast",
  dark_share: "share of dark pixels",
  bright_share: "share of bright pixels",
  corner_brightness: "brightness in the corners",
  sharpness: "sharpness",
  refusal: "reason for not reading",
  call: "call",
  probability: "probability of a fracture",
  boxes: "boxes a study",
  agreement: "agreement of readers",
};

const units: Partial<Record<WatchedField, string>> = {
  age: " years",
  rows: " pixels",
  columns: " pixels",
  kvp: " kV",
  exposure: " mAs",
};

/** Which studies an alarm is about, to stand behind "Studies with". */
function counted({ field, kind, limit, upper, value }: DriftAlarm): string {
  if (field === "agreement") return "a reader who disagrees";
  const name = fields[field];
  const quantity = (number: number | null) => `${Number((number ?? 0).toPrecision(4))}`;
  const unit = units[field] ?? "";
  switch (kind) {
    case "low":
      return `${name} of at most ${quantity(limit)}${unit}`;
    case "high":
      return `${name} above ${quantity(limit)}${unit}`;
    case "unseen":
      return `${name} outside of ${quantity(limit)} to ${quantity(upper)}${unit}, never seen before`;
    case "value":
      return `${name} ${value}`;
    case "other":
      return `${name} seldom or never seen before`;
    case "missing":
      return `${name} not stated`;
  }
}

const certainties: Record<Certainty, (chance: number) => string> = {
  likely: () => "likely: fewer than 1 in 20 unchanged years would show as much anywhere",
  sure: (chance) =>
    `sure: fewer than 1 in ${Math.max(20, Math.floor(1 / chance))} unchanged years would show as much anywhere`,
  "very-sure": () => "very sure: hardly any unchanged year would show as much (1 in 100 at most)",
};

export const monitoring = {
  lead: "Whether what is read here has changed: patients, devices, images, and what the network says of them.",
  look: "Look now",
  bundle: "Network",
  looked: "Last looked",
  never: "not since the server started",
  notYet: "The watch has not looked yet. It looks every hour.",
  learning: (studies: number, needed: number) =>
    `The watch is learning what is usual here: ${studies} of ${needed} studies. It reports changes after that.`,
  quiet: "Nothing has changed that the watch would see.",
  changed: (since: string) => `Something has changed since about ${since}.`,
  change: (alarm: DriftAlarm) =>
    `Studies with ${counted(alarm)}: ${percent(alarm.before.value)} before, ${percent(alarm.after.value)} now`,
  since: (since: string, day: string) => `Since about ${since}; noticed on ${day}.`,
  certainty: ({ certainty, chance }: DriftAlarm) => `This is ${certainties[certainty](chance)}.`,
  todo: "What to do",
  advice: {
    device:
      "Ask whether a device, its software or its settings were changed on about that day, and look at a few images from before and after. Let a reader check twenty recent studies before results are trusted as before.",
    export:
      "Ask whether the way in which images are sent or compressed was changed on about that day: converters, export settings, screenshots in place of originals.",
    patients:
      "Ask whether other patients are examined now: a new site, a ward, a screening, another rota. Check that they are among those that the bundle is for (osteon bundle show).",
    output:
      "The bundle answers differently. If no input changed with it, other patients or more injuries are likely, and season is one cause; if inputs changed too, find out why first. Let a reader check twenty recent studies.",
    readers:
      "Readers disagree more often. Look at the last studies they disagreed with together; if the bundle is wrong, stop showing its results for that group, or go back to the earlier bundle (osteon registry rollback).",
  } satisfies Record<Advice, string>,
  studies: "Studies watched",
  between: (studies: number, first: string, last: string) =>
    `${studies.toLocaleString("en")}, from ${first} to ${last}`,
  comparedWith: "Compared with",
  reference: (studies: number, data: string, first: string | null, last: string | null) =>
    `${studies.toLocaleString("en")} studies: ${first === null || last === null ? data : `the first ones here, ${first} to ${last}`}`,
  agreement: "Readers agree",
  noAnswers: "no reader has answered: whether the network is right here is not measured",
  agreed: (value: number, low: number | null, high: number | null, answered: number) =>
    low === null || high === null
      ? `${percent(value)} of ${answered} answered studies`
      : `${percent(value)} (between ${percent(low)} and ${percent(high)}) of ${answered} answered studies`,
  sure: (streams: number, level: number) =>
    `${streams} shares are watched. In at most ${Math.round(level * 100)} of 100 years without a change there would be any alarm. An alarm says that something is different, not that the network is wrong; without one, small changes are still possible.`,
  report: "Open the whole report",
};
