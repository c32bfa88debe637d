"""Body part, view and side, from DICOM's codes and defined terms and from the words of free descriptions.

Codes are those of PS3.16 (CID 4009 DX Anatomy Imaged, CID 4010 DX View, CID 244 Laterality), in SNOMED CT and in the
retired SRT form; terms are those of PS3.16 table L-1 and what modalities write in their place.
"""

from __future__ import annotations

import re
from typing import Final

from osteon.core.labels import BodyPart, Laterality, View

_TERMS: Final[dict[BodyPart, str]] = {
    BodyPart.HAND: "HAND HANDS METACARPAL METACARPUS METACARPALS MANO MAIN",
    BodyPart.WRIST: "WRIST WRISTS CARPAL CARPUS CARPALS SCAPHOID HANDGELENK POIGNET MUNECA",
    BodyPart.FOREARM: "FOREARM FOREARMS RADIUS ULNA RADIUSULNA UNTERARM ANTEBRACO ANTEBRAZO",
    BodyPart.ELBOW: "ELBOW ELBOWS OLECRANON ELLBOGEN ELLENBOGEN COUDE CODO COTOVELO",
    BodyPart.HUMERUS: "HUMERUS HUMERI UPPERARM OBERARM HUMERO",
    BodyPart.SHOULDER: (
        "SHOULDER SHOULDERS CLAVICLE CLAVICLES CLAVICULA SCAPULA SCAPULAE ACJOINT ACROMIOCLAVICULAR SCHULTER EPAULE "
        "HOMBRO OMBRO"
    ),
    BodyPart.FINGER: "FINGER FINGERS THUMB THUMBS PHALANX DAUMEN DOIGT DEDO POUCE",
    BodyPart.FOOT: (
        "FOOT FEET TOE TOES CALCANEUS CALCANEUM HEEL METATARSAL METATARSUS METATARSALS FOREFOOT MIDFOOT HINDFOOT "
        "TARSUS TARSAL FUSS VORFUSS PIED PIE"
    ),
    BodyPart.ANKLE: "ANKLE ANKLES TALUS MALLEOLUS MALLEOLI SPRUNGGELENK OSG CHEVILLE TOBILLO TORNOZELO",
    BodyPart.LEG: "LOWERLEG LEG LEGS TIBIA FIBULA TIBIAFIBULA TIBFIB UNTERSCHENKEL",
    BodyPart.KNEE: "KNEE KNEES PATELLA PATELLAE KNIE GENOU RODILLA JOELHO",
    BodyPart.FEMUR: "FEMUR FEMORA THIGH UPPERLEG OBERSCHENKEL",
    BodyPart.HIP: "HIP HIPS HUFTE HUEFTE HANCHE CADERA QUADRIL ACETABULUM",
    BodyPart.PELVIS: "PELVIS PELVIC SIJOINT SIJOINTS SACROILIAC ILIUM ILEUM BECKEN BASSIN PUBIS ISCHIUM SYMPHYSIS",
    BodyPart.SPINE: (
        "SPINE CSPINE TSPINE LSPINE SSPINE CTSPINE TLSPINE LSSPINE WHOLESPINE CERVICAL LUMBAR SACRUM COCCYX VERTEBRA "
        "VERTEBRAE VERTEBRAL ODONTOID ATLAS AXIS NECK SACRAL LUMBOSACRAL THORACOLUMBAR DORSALSPINE THORACICSPINE "
        "SCOLIOSIS HWS BWS LWS WIRBELSAULE RACHIS COLUMNA COLUNA"
    ),
    BodyPart.CHEST: (
        "CHEST THORAX THORACIC LUNG LUNGS RIB RIBS RIBCAGE STERNUM HEART MEDIASTINUM BREAST CXR TORAX POUMON "
        "STERNOCLAVICULAR PULMONARY CARDIAC"
    ),
    BodyPart.SKULL: (
        "SKULL HEAD FACE FACIAL FACIALBONES JAW JAWREGION MANDIBLE MAXILLA ORBIT ORBITS NASALBONE NASALBONES NOSE "
        "SINUS SINUSES PARANASALSINUS ZYGOMA TMJ TMJOINT MASTOID SELLA TEETH TOOTH CRANIUM BRAIN SCHADEL CRANE CRANEO "
        "CRANIO"
    ),
    BodyPart.ABDOMEN: (
        "ABDOMEN ABDOMINAL STOMACH COLON BOWEL KIDNEY KIDNEYS BLADDER LIVER KUB ESOPHAGUS RECTUM URETER URETHRA UTERUS "
        "GALLBLADDER DUODENUM JEJUNUM BILEDUCT PANCREAS ABDOMENPELVIS"
    ),
}
_PART_CODES: Final[dict[BodyPart, str]] = {
    BodyPart.HAND: "85562004 T-D8700",
    BodyPart.WRIST: "74670003 8205005 T-15460 T-D8600",
    BodyPart.FOREARM: "14975008 T-D8500 75129005 T-12420 23416004 T-12430",
    BodyPart.ELBOW: "16953009 127949000 T-15430 T-D8300",
    BodyPart.HUMERUS: "85050009 40983000 T-12410 T-D8200",
    BodyPart.SHOULDER: "16982005 T-D2220 85856004 T-15420 51299004 T-12310 79601000 T-12280",
    BodyPart.FINGER: "7569003 T-D8800 76505004 T-D8810",
    BodyPart.FOOT: "56459004 T-D9700 29707007 T-D9800 80144004 T-12770 58742003 T-12980 27949001 T-15770",
    BodyPart.ANKLE: "70258002 344001 T-15750 T-D9500",
    BodyPart.LEG: "30021000 T-D9400 87342007 T-12750 12611008 T-12740",
    BodyPart.KNEE: "72696002 T-D9200 64234005 T-12730",
    BodyPart.FEMUR: "71341001 T-12710 68367000 T-D9100",
    BodyPart.HIP: "24136001 29836001 T-15710 T-D2500",
    BodyPart.PELVIS: "12921003 816092008 T-D6000 22356005 T-12340 39723000 T-15680",
    BodyPart.SPINE: (
        "421060004 T-D04FF 122494005 T-11501 122495006 T-11502 122496007 T-11503 54735007 T-11AD0 64688005 T-11BF0 "
        "1217257000 1217256009 1217253001 1217254007 45048000 T-D1600"
    ),
    BodyPart.CHEST: (
        "51185008 816094009 T-D3000 113197003 T-11300 56873002 T-11210 72410000 T-D3300 80891009 T-32000 86598002 "
        "T-280A0 76752008 T-04000 7844006 T-15610 39607008 T-28000"
    ),
    BodyPart.SKULL: (
        "89546000 T-11100 69536005 T-D1100 91397008 T-11196 661005 T-D1213 91609006 T-11180 70925003 T-11170 74386004 "
        "T-11149 363654007 T-D14AE 2095001 T-22000 53620006 T-15290 13881006 T-11166 59066005 T-11133 42575006 T-D1460 "
        "110517009 T-11011"
    ),
    BodyPart.ABDOMEN: "113345001 818981001 818982008 T-D4000 69695003 T-57000 71854001 T-59300 89837001 T-74000",
}
_VIEW_CODES: Final[dict[View, str]] = {
    View.FRONTAL: ("399348003 R-10206 272479007 R-40888 R-10214 399033003 R-10202 399335002 R-102C4 399071006 R-102C3"),
    View.LATERAL: "399067008 R-102CD 399173006 R-10236 399198007 R-10232 399352003 R-10228 399260004 R-10224",
    View.OBLIQUE: (
        "399182000 R-102C1 399038007 R-10210 399059000 R-10216 399312000 R-10208 399135007 R-10220 399356000 R-40985 "
        "399006002 R-10212 399236003 R-10234 399184004 R-10238 260427002 R-40783 260426006 R-40782 399160007 R-10204 "
        "399099002 R-10230 399368009 R-10226 260497009 R-4080E"
    ),
}
_VIEW_TERMS: Final[dict[View, str]] = {
    View.FRONTAL: "AP PA FRONTAL ANTEROPOSTERIOR POSTEROANTERIOR DORSOPALMAR DORSOPLANTAR PALMODORSAL DP PD LLD RLD",
    View.LATERAL: "LL RL LAT LATERAL LATERALS SEITLICH PROFIL PROFILE ML LM",
    View.OBLIQUE: "OBL OBLIQUE OBLIQUES RLO LLO RAO LAO RPO LPO MORTISE MORTICE SCHRAEG",
}
_SIDE_CODES: Final[dict[Laterality, str]] = {
    Laterality.LEFT: "7771000 G-A101",
    Laterality.RIGHT: "24028007 G-A100",
    Laterality.BOTH: "51440002 G-A102",
}
_SIDE_TERMS: Final[dict[Laterality, str]] = {
    Laterality.LEFT: "LEFT LT LINKS GAUCHE IZQUIERDO IZQUIERDA ESQUERDO ESQUERDA",
    Laterality.RIGHT: "RIGHT RT RECHTS DROIT DROITE DERECHO DERECHA DIREITO DIREITA",
    Laterality.BOTH: "BILATERAL BILAT BEIDSEITS BOTH BDS",
}
_WHOLE_ONLY: Final = frozenset(["HEAD", "NECK", "AXIS", "ATLAS", "MAIN", "PIE", "HEART", "BREAST", "ORBIT"])
"""Terms that mean a body part alone, but may mean something else within a description: femoral neck, main view."""
_PHRASES: Final = (
    (r"\bLOWER LEGS?\b", "LOWERLEG"),
    (r"\bUPPER LEGS?\b", "UPPERLEG"),
    (r"\bUPPER ARMS?\b", "UPPERARM"),
    (r"\b([CTL]|LS|TL|CT|CERVICAL|THORACIC|DORSAL|LUMBAR|LUMBOSACRAL|WHOLE) SPINE\b", "SPINE"),
    (r"\b(THORACIC|DORSAL) VERTEBRAE?\b", "SPINE"),
    (r"\bS ?I JOINTS?\b", "SIJOINT"),
    (r"\bA ?C JOINTS?\b", "ACJOINT"),
)


def _inverse(words: dict[BodyPart, str]) -> dict[str, BodyPart]:
    return {word: part for part, line in words.items() for word in line.split()}


_PART_OF_TERM: Final = _inverse(_TERMS)
_PART_OF_CODE: Final = _inverse(_PART_CODES)
_VIEW_OF_TERM: Final = {word: view for view, line in _VIEW_TERMS.items() for word in line.split()}
_VIEW_OF_CODE: Final = {code: view for view, line in _VIEW_CODES.items() for code in line.split()}
_SIDE_OF_TERM: Final = {word: side for side, line in _SIDE_TERMS.items() for word in line.split()}
_SIDE_OF_CODE: Final = {code: side for side, line in _SIDE_CODES.items() for code in line.split()}


def _words(text: str) -> list[str]:
    """Words of a description in capitals, phrases joined; ``L_HAND-2V`` gives L, HAND and 2V."""
    plain = re.sub(r"[^0-9A-Z]+", " ", text.upper().translate(str.maketrans("ÄÖÜÉÈÑÇÃÁÍÓÚ", "AOUEENCAAIOU"))).strip()
    for phrase, joined in _PHRASES:
        plain = re.sub(phrase, joined, plain)
    return plain.split()


def part_of_code(code: str) -> BodyPart | None:
    """The body part of a code value of SNOMED CT or SRT."""
    return _PART_OF_CODE.get(code)


def part_of_text(text: str) -> BodyPart | None:
    """The body part that a term or description names; None where it names none, or several."""
    whole = re.sub(r"[^0-9A-Z]+", "", text.upper())
    if whole in _PART_OF_TERM:
        return _PART_OF_TERM[whole]
    found = {_PART_OF_TERM[word] for word in _words(text) if word in _PART_OF_TERM and word not in _WHOLE_ONLY}
    return found.pop() if len(found) == 1 else None


def view_of_code(code: str) -> View | None:
    """The view of a code value of SNOMED CT or SRT."""
    return _VIEW_OF_CODE.get(code)


def view_of_text(text: str) -> View | None:
    """The view that a term or description names; None where it names none, or several. Oblique takes precedence."""
    found = {_VIEW_OF_TERM[word] for word in _words(text) if word in _VIEW_OF_TERM}
    if View.OBLIQUE in found:
        return View.OBLIQUE
    return found.pop() if len(found) == 1 else None


def side_of_code(code: str) -> Laterality | None:
    """The side of a code value of SNOMED CT or SRT."""
    return _SIDE_OF_CODE.get(code)


def side_of_text(text: str) -> Laterality | None:
    """The side that a description names; None where it names none."""
    found = {_SIDE_OF_TERM[word] for word in _words(text) if word in _SIDE_OF_TERM}
    if len(found) == 2 and Laterality.BOTH not in found:
        return Laterality.BOTH
    return found.pop() if len(found) == 1 else None
