"""Attributes that a radiograph needs and may keep, and the values allowed for each.

An attribute that neither this list nor the standard's table names is removed, whatever its value (PS3.15 section E.1.1,
note 5: retain only what is known to be safe). Defined terms are those of PS3.3; any other value is emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from pydicom.datadict import tag_for_keyword


class Rule(Enum):
    """How the value of an attribute is cleaned."""

    NUMBER = auto()  # finite numbers
    DESCRIPTOR = auto()  # number of entries, first value and depth of a look-up table
    WINDOW = auto()  # centres and widths of windows: finite numbers, of which two make a window
    COUNTER = auto()  # integers of up to four digits: larger ones may identify a person
    UID = auto()  # public UIDs stay, others get new ones
    CODES = auto()  # items of coded concepts
    SEQUENCE = auto()  # items cleaned by the same rules
    PART = auto()  # a body part that osteon knows
    VIEW = auto()  # a projection that osteon knows
    ORIENTATION = auto()  # letters of directions
    MAKER = auto()  # the name of a maker
    TABLE = auto()  # entries of a look-up table
    SEGMENTS = auto()  # segments of a look-up table
    FRAMES = auto()  # items cleaned by the same rules, one for each frame, so that none is left out
    WITHHELD = auto()  # text of Type 1, always replaced


@dataclass(frozen=True, slots=True)
class Terms:
    """Allowed values.

    Attributes:
        allowed: in capitals, as PS3.3 defines them.
        rest: replaces another value that is not the first; None leaves it out.
    """

    allowed: frozenset[str]
    rest: str | None = None


def _terms(line: str) -> Terms:
    return Terms(frozenset(line.split("|")))


_YES_NO: Final = _terms("YES|NO")
_IMAGE_TYPE: Final = Terms(
    _terms("ORIGINAL|DERIVED|PRIMARY|SECONDARY|SINGLE PLANE|BIPLANE A|BIPLANE B|SINGLE A|SINGLE B|OTHER|").allowed,
    rest="OTHER",
)
_DEFINED: Final[dict[str, Terms]] = {
    "ImageType": _IMAGE_TYPE,
    "Modality": _terms("CR|DX|RG|RF|XA|PX|OT|HC|SC"),
    "Laterality": _terms("L|R"),
    "ImageLaterality": _terms("L|R|U|B"),
    "FrameLaterality": _terms("L|R|U|B"),
    "FrameType": _IMAGE_TYPE,
    "PatientPosition": _terms("HFP|HFS|HFDR|HFDL|FFDR|FFDL|FFP|FFS|SITTING|LFP|LFS|RFP|RFS|AFDR|AFDL|PFDR|PFDL"),
    "PhotometricInterpretation": _terms(
        "MONOCHROME1|MONOCHROME2|PALETTE COLOR|RGB|YBR_FULL|YBR_FULL_422|YBR_PARTIAL_422|YBR_ICT|YBR_RCT"
    ),
    "PresentationLUTShape": _terms("IDENTITY|INVERSE"),
    "PixelIntensityRelationship": _terms("LIN|LOG|DISP|TABLE|SQRT"),
    "PresentationIntentType": _terms("FOR PRESENTATION|FOR PROCESSING"),
    "LossyImageCompression": _terms("00|01"),
    "LossyImageCompressionMethod": _terms(
        "ISO_10918_1|ISO_14495_1|ISO_15444_1|ISO_15444_15|ISO_13818_2|ISO_14496_10|ISO_23008_2"
    ),
    "VOILUTFunction": _terms("LINEAR|LINEAR_EXACT|SIGMOID"),
    "RescaleType": _terms("US|OD|HU|LOG_E REL|LOG REL"),
    "ModalityLUTType": _terms("US|OD|HU"),
    "QualityControlImage": _terms("YES|NO|BOTH"),
    "SpatialLocationsPreserved": _terms("YES|NO|REORIENTED_ONLY"),
    "PixelSpacingCalibrationType": _terms("GEOMETRY|FIDUCIAL"),
    "PositionerType": _terms("NONE|CARM|COLUMN|MAMMOGRAPHIC|PANORAMIC|CEPHALOSTAT|RIGID|MOBILE|BIPLANE"),
    "PositionerMotion": _terms("STATIC|DYNAMIC"),
    "DetectorType": _terms("DIRECT|SCINTILLATOR|STORAGE|FILM"),
    "DetectorConfiguration": _terms("AREA|SLOT"),
    "DetectorActiveShape": _terms("RECTANGLE|ROUND|HEXAGONAL"),
    "DetectorConditionsNominalFlag": _YES_NO,
    "FieldOfViewShape": _terms("RECTANGLE|ROUND|HEXAGONAL"),
    "FieldOfViewHorizontalFlip": _YES_NO,
    "ExposureControlMode": _terms("MANUAL|AUTOMATIC"),
    "ExposureStatus": _terms("NORMAL|ABORTED"),
    "Grid": _terms("FIXED|RECIPROCATING|PARALLEL|CROSSED|FOCUSED|NONE|IN"),
    "FilterType": _terms("STRIP|WEDGE|BUTTERFLY|MULTIPLE|NONE|FLAT|SHAPED"),
    "FilterMaterial": _terms("MOLYBDENUM|ALUMINUM|COPPER|RHODIUM|NIOBIUM|EUROPIUM|LEAD|TANTALUM|SILVER|MIXED"),
    "GridAbsorbingMaterial": _terms("LEAD|TUNGSTEN"),
    "GridSpacingMaterial": _terms("ALUMINUM|CARBON FIBER|PAPER|FIBER"),
    "AnodeTargetMaterial": _terms("TUNGSTEN|MOLYBDENUM|RHODIUM"),
    "CollimatorShape": _terms("RECTANGULAR|CIRCULAR|POLYGONAL"),
    "ShutterShape": _terms("RECTANGULAR|CIRCULAR|POLYGONAL|BITMAP"),
    "RectificationType": _terms("SINGLE PHASE|THREE PHASE|CONST POTENTIAL"),
    "ConversionType": _terms("DV|DI|DF|WSD|SD|SI|DRW|SYN"),
    "TableType": _terms("FIXED|TILTING|NONE"),
    "RadiationSetting": _terms("SC|GR"),
    "RadiationMode": _terms("CONTINUOUS|PULSED"),
    "RecommendedViewingMode": _terms("SUB|NAT"),
}
_NUMBERS: Final = """
    SamplesPerPixel Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation PlanarConfiguration NumberOfFrames
    PixelAspectRatio SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue PixelPaddingRangeLimit
    PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing EstimatedRadiographicMagnificationFactor
    RescaleIntercept RescaleSlope PixelIntensityRelationshipSign
    LossyImageCompressionRatio FrameTime FrameTimeVector FrameDelay RecommendedDisplayFrameRate CineRate
    KVP ExposureTime XRayTubeCurrent Exposure ExposureInuAs ExposureTimeInuS XRayTubeCurrentInuA
    DistanceSourceToDetector DistanceSourceToPatient DistanceSourceToEntrance ImageAndFluoroscopyAreaDoseProduct
    EntranceDose EntranceDoseInmGy OrganDose HalfValueLayer RelativeXRayExposure ExposureIndex TargetExposureIndex
    DeviationIndex Sensitivity FocalSpots BodyPartThickness CompressionForce AveragePulseWidth IntensifierSize
    FilterThicknessMinimum FilterThicknessMaximum GridThickness GridPitch GridAspectRatio GridPeriod GridFocalDistance
    DetectorTemperature DetectorBinning DetectorElementPhysicalSize DetectorElementSpacing DetectorActiveDimensions
    DetectorActiveOrigin FieldOfViewDimensions FieldOfViewOrigin FieldOfViewRotation TableAngle TableHeight
    PositionerPrimaryAngle PositionerSecondaryAngle DetectorPrimaryAngle DetectorSecondaryAngle ColumnAngulation
    ShutterLeftVerticalEdge ShutterRightVerticalEdge ShutterUpperHorizontalEdge ShutterLowerHorizontalEdge
    CenterOfCircularShutter RadiusOfCircularShutter VerticesOfThePolygonalShutter ShutterPresentationValue
    CollimatorLeftVerticalEdge CollimatorRightVerticalEdge CollimatorUpperHorizontalEdge CollimatorLowerHorizontalEdge
    CenterOfCircularCollimator RadiusOfCircularCollimator VerticesOfThePolygonalCollimator
"""
_COUNTERS: Final = "InstanceNumber SeriesNumber AcquisitionNumber ImagesInAcquisition ReferencedFrameNumber"
_CODED: Final = """
    AnatomicRegionSequence PrimaryAnatomicStructureSequence ViewCodeSequence PurposeOfReferenceCodeSequence
    DerivationCodeSequence ProjectionEponymousNameCodeSequence PatientOrientationCodeSequence
    PatientGantryRelationshipCodeSequence
"""
_SEQUENCES: Final = """
    ModalityLUTSequence VOILUTSequence PixelIntensityRelationshipLUTSequence SharedFunctionalGroupsSequence
    FrameVOILUTSequence PixelValueTransformationSequence PixelMeasuresSequence FrameAnatomySequence
    FramePixelDataPropertiesSequence
"""
_TABLES: Final = (
    "LUTData RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData"
)
_DESCRIPTORS: Final = """
    LUTDescriptor RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor
    BluePaletteColorLookupTableDescriptor
"""
_SEGMENTED: Final = """
    SegmentedRedPaletteColorLookupTableData SegmentedGreenPaletteColorLookupTableData
    SegmentedBluePaletteColorLookupTableData
"""


def _rules() -> dict[int, Rule | Terms]:
    named: dict[str, Rule | Terms] = {
        **_DEFINED,
        **dict.fromkeys(_NUMBERS.split(), Rule.NUMBER),
        **dict.fromkeys(_COUNTERS.split(), Rule.COUNTER),
        **dict.fromkeys(_CODED.split(), Rule.CODES),
        **dict.fromkeys(_SEQUENCES.split(), Rule.SEQUENCE),
        **dict.fromkeys(_TABLES.split(), Rule.TABLE),
        **dict.fromkeys(_SEGMENTED.split(), Rule.SEGMENTS),
        "PerFrameFunctionalGroupsSequence": Rule.FRAMES,
        **dict.fromkeys(_DESCRIPTORS.split(), Rule.DESCRIPTOR),
        "WindowCenter": Rule.WINDOW,
        "WindowWidth": Rule.WINDOW,
        "SOPClassUID": Rule.UID,
        "ReferencedSOPClassUID": Rule.UID,
        "BodyPartExamined": Rule.PART,
        "ViewPosition": Rule.VIEW,
        "PatientOrientation": Rule.ORIENTATION,
        "Manufacturer": Rule.MAKER,
        "PixelSpacingCalibrationDescription": Rule.WITHHELD,
    }
    return {tag: rule for keyword, rule in named.items() if (tag := tag_for_keyword(keyword)) is not None}


RULES: Final = _rules()
"""Rule by tag."""
