"""Annotation over the API.

All routes need the role ``annotator`` of the reading room, the lowest, which lets in nowhere else; what somebody may do in a
project follows from their membership in it. Who is no member gets 404, who is one and must not gets 403. Administrators
act as leads of every project. Letters tell who may: L lead, D adjudicator, A annotator.

Projects, below ``/api/v1``:

    GET    /label-schemas                                   all     schemas that come with Osteon
    POST   /label-schemas/check                             role reader of the room; of one's own, by the text of its file
    GET    /projects                                        all     own projects, each with the own role
    POST   /projects                                        role reader of the room; who asks becomes lead
    GET    /projects/{project}                              LDA     settings, label schema, own role
    PATCH  /projects/{project}                              L       settings; ``closed`` ends the project
    PUT    /projects/{project}/schema                       L       another version of the label schema
    GET    /projects/{project}/progress                     LDA     of every reader; an annotator sees the own only
    GET    /projects/{project}/members                      L
    PUT    /projects/{project}/members/{name}               L       ``role``
    DELETE /projects/{project}/members/{name}               L
    GET    /projects/{project}/items                        L       studies, page by page: ``state``, ``limit``, ``cursor``
    POST   /projects/{project}/items                        L       add studies of the store; needs the role reader
    PATCH  /projects/{project}/items/{item}                 L       screening: ``included`` and ``reason``
    POST   /projects/{project}/assignments                  L       n of m readers for each study; what is there stays
    GET    /projects/{project}/assignments                  L       page by page: ``reader``, ``state``, ``limit``, ``cursor``
    POST   /projects/{project}/items/{item}/assignments     L       another reader for one study
    DELETE /projects/{project}/assignments/{assignment}     L       withdraw one that is not finished
    GET    /projects/{project}/questions                    L       questions to the lead
    GET    /projects/{project}/reads                        L       page by page: ``limit``, ``cursor``

The own work of an annotator:

    GET    /projects/{project}/queue                        A       own assignments: ``state``, ``limit``, ``cursor``
    GET    /assignments/{assignment}                        A       images, age, sex, answers, regions, proposals where due
    GET    /assignments/{assignment}/events                 A       own events: ``after``
    POST   /assignments/{assignment}/events                 A       append; the answer says what became of each
    GET    /assignments/{assignment}/images/{image}/pixels  A
    GET    /assignments/{assignment}/images/{image}/thumbnail  A

Adjudication:

    GET    /projects/{project}/adjudications                LD      studies that all have finished: ``state``, ``cursor``
    GET    /projects/{project}/items/{item}                 LD      reads side by side, what they disagree on, consensus
    GET    /projects/{project}/items/{item}/images/{image}/pixels     LD
    GET    /projects/{project}/items/{item}/images/{image}/thumbnail  LD
    POST   /projects/{project}/items/{item}/consensus       LD      decide, by a rule or oneself; ``sign`` locks
    POST   /projects/{project}/items/{item}/signature       LD      sign the consensus that is there
    POST   /projects/{project}/items/{item}/returns         LD      send back to readers, with a reason
    POST   /projects/{project}/consensus                    L       a rule for all studies that are not signed

Results:

    GET    /projects/{project}/agreement                    L       figures
    GET    /projects/{project}/agreement.html               L       report
    GET    /projects/{project}/reads/{read}/report.dcm      L       a DICOM report of its reader; needs the role reader
    POST   /projects/{project}/imports                      L       annotations of files, for a reader to go on from
    GET    /projects/{project}/snapshots                    L
    POST   /projects/{project}/snapshots                    L
    GET    /projects/{project}/snapshots/{snapshot}/file    L
"""
