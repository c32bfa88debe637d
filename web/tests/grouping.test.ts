import { describe, expect, it } from "vitest";
import { grouped, isDicom, sentShares, studyUid } from "../src/logic/grouping.ts";

function head(uid: string, explicit: boolean): Uint8Array {
  const bytes = new Uint8Array(400);
  bytes.set(
    [..."DICM"].map((letter) => letter.charCodeAt(0)),
    128,
  );
  const even = uid.length % 2 === 0 ? uid : `${uid}\0`;
  const value = [...even].map((letter) => letter.charCodeAt(0));
  const length = explicit ? [0x55, 0x49, value.length, 0] : [value.length, 0, 0, 0];
  bytes.set([0x20, 0x00, 0x0d, 0x00, ...length, ...value], 200);
  return bytes;
}

describe("what a file is", () => {
  it("is told by its beginning and not by its name", () => {
    expect(isDicom(head("1.2", true))).toBe(true);
    expect(isDicom(new Uint8Array(400))).toBe(false);
    expect(isDicom(new Uint8Array(10))).toBe(false);
  });

  it.each([true, false])("finds the study, with value representations: %s", (explicit) => {
    expect(studyUid(head("1.2.826.0.1.55", explicit))).toBe("1.2.826.0.1.55");
    expect(studyUid(head("1.2.3", explicit))).toBe("1.2.3");
  });

  it("finds none in other bytes", () => {
    expect(studyUid(new Uint8Array(400))).toBeUndefined();
    expect(studyUid(head("no uid", true))).toBeUndefined();
  });
});

describe("what is sent together", () => {
  const files = [
    { dicom: true, study: "1.1" },
    { dicom: false, study: undefined },
    { dicom: true, study: "1.2" },
    { dicom: true, study: "1.1" },
    { dicom: false, study: undefined },
    { dicom: true, study: undefined },
  ];

  it("is a DICOM study, or one other file", () => {
    const groups = grouped(files, false).map((group) => group.map((file) => files.indexOf(file)));
    expect(groups).toEqual([[0, 3], [1], [2], [4], [5]]);
  });

  it("is all other files, where they are views of one study", () => {
    const groups = grouped(files, true).map((group) => group.map((file) => files.indexOf(file)));
    expect(groups).toEqual([[0, 3], [1, 4], [2], [5]]);
  });

  it("is sent file after file", () => {
    expect(sentShares([100, 50, 0, 50], 125)).toEqual([1, 0.5, 1, 0]);
  });
});
