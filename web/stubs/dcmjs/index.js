// Cornerstone3D imports dcmjs (12 MB) for its loggers and for parsing DICOM in the browser. The reading room's server
// decodes films, so that only the loggers are needed; each keeps quiet below errors.

const QUIET = () => {};
const loggers = new Map();

function getLogger(name) {
  let logger = loggers.get(name);
  if (logger === undefined) {
    logger = {
      trace: QUIET,
      debug: QUIET,
      log: QUIET,
      info: QUIET,
      warn: QUIET,
      error: (...problem) => console.error(name, ...problem),
      setLevel: QUIET,
      getLevel: () => 4,
      setDefaultLevel: QUIET,
      enableAll: QUIET,
      disableAll: QUIET,
      levels: { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, SILENT: 5 },
      getLogger,
    };
    loggers.set(name, logger);
  }
  return logger;
}

export const log = { ...getLogger("dcmjs"), getLogger };

export const constants = {
  IMPLICIT_LITTLE_ENDIAN: "1.2.840.10008.1.2",
  EXPLICIT_LITTLE_ENDIAN: "1.2.840.10008.1.2.1",
  DEFLATED_EXPLICIT_LITTLE_ENDIAN: "1.2.840.10008.1.2.1.99",
  EXPLICIT_BIG_ENDIAN: "1.2.840.10008.1.2.2",
};

class Unused {}

export const data = { DicomMetaDictionary: { dictionary: {}, nameMap: {} } };
export const utilities = { DicomMetadataListener: Unused };

export default { async: { AsyncDicomReader: Unused }, constants, data, log, utilities };
