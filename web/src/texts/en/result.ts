// The panel next to the images: the result, its boxes, opinions, versions, and what can be downloaded.

import type { Bound } from "../../logic/numbers.ts";

export const result = {
  verdict: {
    title: "Result of the network",
    amount: (bound: Bound, count: number, per: number) =>
      `${{ about: "about", fewer: "fewer than", more: "more than" }[bound]} ${count} in ${per}`,
    often: (amount: string) => `Of studies with this probability, ${amount} have a fracture.`,
    scope: "This holds for the validation images that the network was calibrated on; for your patients it may differ.",
    abstained: "The network gives no result for this study.",
    abstainedMeaning: "This is no finding in either direction. Read the images as you would without the network.",
    meaning: {
      fracture: (p: string, _doubt: string, definite: string) =>
        `The calibrated probability of a fracture, ${p}, reaches the operating point definite (${definite}).`,
      doubt: (p: string, doubt: string, definite: string) =>
        `The calibrated probability of a fracture, ${p}, lies between the operating points doubt (${doubt}) and definite (${definite}): look again.`,
      "no fracture": (p: string, doubt: string, _definite: string) =>
        `The calibrated probability of a fracture, ${p}, is below the operating point doubt (${doubt}). Fractures are missed there too: this does not rule one out.`,
    },
    doubt: "doubt",
    definite: "definite",
    scale: (p: string, doubt: string, definite: string) =>
      `Probability ${p} on a scale from 0 to 1; doubt from ${doubt}, definite from ${definite}`,
    noScale: (doubt: string, definite: string) => `No probability; doubt from ${doubt}, definite from ${definite}`,
    perImage: "By image",
  },

  findings: {
    title: "Boxes",
    definite: "definite",
    doubt: "in doubt",
    centre: (label: string, image: number) => `Show ${label} on image ${image}`,
    noPlace:
      "No box: the probability of the whole study led to this call, and no single region scored high enough to be marked. Look at the whole image, not only where the heat map is warm.",
    noBox: "No box: no region scored high enough to be marked.",
    drawsNone: "This network draws no boxes. The heat map shows the regions that contributed most.",
    threshold: (score: string) => `Boxes with a score from ${score}`,
    thresholdHelp: "Hides boxes with a lower score. The call does not change.",
    hidden: (n: number, of: number) => `${n} of ${of} boxes hidden. The call does not change.`,
    accept: "Accept this box",
    reject: "Reject this box",
    acceptOn: (label: string, image: number) => `Accept ${label} on image ${image}`,
    rejectOn: (label: string, image: number) => `Reject ${label} on image ${image}`,
    accepted: "accepted",
    rejected: "rejected",
    added: "added",
    usual: "fracture",
    addedAs: "Label of boxes I add",
    by: (what: string, author: string) => `${what} by ${author}`,
    onImage: (image: number) => `image ${image}`,
  },

  notes: {
    title: "How the files were read",
    ms: (value: number) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`),
    steps: {
      load: "decoding",
      prepare: "preprocessing",
      infer: "network",
      detect: "detection",
      render: "heat maps",
      total: "total",
    } as Record<string, string>,
    none: "Nothing unusual.",
    image: (index: number) => `Image ${index}`,
    facts: (columns: number, rows: number, bits: number, format: string) =>
      `${columns} × ${rows}, ${bits} bit, ${format}`,
  },

  bundle: {
    title: "Network",
    other: "This study was read by a network that is no longer on this server.",
    card: "Open the model card",
    cardTitle: (name: string) => `Model card of ${name}`,
    indication: "Intended use",
    notFor: "Not intended for",
    scope: (parts: string, from: number, to: number) => `${parts}; ages ${from} to ${to}.`,
    points: "Operating points, set on validation images",
    point: (name: string, threshold: number, sensitivity: number, specificity: number) =>
      `${name} from ${threshold.toFixed(3)}: sensitivity ${sensitivity.toFixed(2)}, specificity ${specificity.toFixed(2)}`,
  },

  opinion: {
    title: "Your opinion",
    meaning: "Saved with your name as soon as you press. It does not change the result.",
    meaningAbstained:
      "Agree: the network was right to abstain. Disagree: it should have read this study. Saved with your name as soon as you press.",
    reports: "A report of it, with what you mark on the images, is sent to the archive a little later.",
    agree: "Agree",
    disagree: "Disagree",
    agreedAbstained: "Agreed that it abstained",
    disagreedAbstained: "Disagreed that it abstained",
    earlier: (what: string, author: string) => `Earlier version: ${what.toLowerCase()}, ${author}`,
    ofEarlier: "about an earlier version",
    saidBy: (what: string, author: string) => `${what}: ${author}`,
    own: "Your own call (optional)",
    ownCall: (call: string) => `Own call: ${call}`,
    note: "Note (optional)",
    noteHelp: "What did you see? Do not write anything that identifies the patient. Ctrl+Enter saves.",
    save: "Save note",
    saving: "Saving …",
    saved: "Saved",
    unsaved: "Your opinion could not be saved. Try again.",
    withdraw: "Withdraw",
    sign: "Sign",
    unsigned: "Not signed: the archive shows it as unverified.",
    signed: (when: string) => `Signed ${when}: the archive shows it as verified. Changes have to be signed again.`,
    by: (author: string, when: string) => `${author}, ${when}`,
    denied: "Only readers can give an opinion.",
  },

  versions: {
    title: "Versions of the result",
    replaced: "A newer version has replaced this result.",
    newer: "Open the newer version",
    unreadable: (file: number) => `File ${file} could not be read and is not shown.`,
    follows: (version: number, cause: string) => `Version ${version}: ${cause}.`,
    before: (what: string) => `Before: ${what}`,
    causes: { received: "newly received", images: "images were added", bundle: "read with another network" },
    of: (version: number, all: number) => `${version} of ${all}`,
    one: (version: number, what: string) => `Version ${version}: ${what}`,
  },

  earlier: {
    title: "Earlier studies",
    states: {
      unknown: "the study names no patient",
      unasked: "not looked for yet",
      waiting: "being looked for …",
      done: "",
      failed: "could not be looked for",
    },
    none: (archive: string) => `The archive ${archive} has no earlier study under this PatientID.`,
    one: (date: string, description: string, modalities: string) =>
      [date || "no date", description, modalities].filter((part) => part !== "").join(" · "),
    others: (n: number) =>
      `${n} ${n === 1 ? "study" : "studies"} under this PatientID not listed: the birth date, sex or name is another patient's.`,
    again: "Look again",
    fetch: "Fetch",
    fetchOne: (date: string, description: string) => `Fetch the study of ${date || "no date"} ${description}`,
    fetching: "being fetched …",
    unreadable: "no radiograph",
    beside: "Open beside",
  },

  downloads: {
    title: "Downloads",
    ofImage: (format: string, image: number) => `${format} of image ${image} alone`,
    annotations: "Opinions and measurements",
    file: (index: number) => `Original file ${index}`,
  },
};
