"""The words that rules do not reach. Every table is short on purpose: a rule that needs a long one is a wrong rule."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    return {left: right for left, _, right in (pair.partition(":") for pair in text.split())}


IRREGULAR = _pairs("""
    analyses:analysis appendices:appendix automata:automaton axes:axis bacteria:bacterium children:child
    corpora:corpus crises:crisis criteria:criterion diagnoses:diagnosis feet:foot formulae:formula foci:focus
    halves:half hypotheses:hypothesis indices:index knives:knife lives:life loci:locus matrices:matrix
    maxima:maximum men:man mice:mouse minima:minimum nuclei:nucleus optima:optimum parentheses:parenthesis
    phenomena:phenomenon quizzes:quiz radii:radius schemata:schema selves:self simplices:simplex spectra:spectrum
    stimuli:stimulus syntheses:synthesis teeth:tooth theses:thesis vertices:vertex vortices:vortex wolves:wolf
    women:woman buses:bus emojis:emoji gases:gas lenses:lens apis:api asics:asic cpus:cpu gpus:gpu guis:gui lpus:lpu
    menus:menu npus:npu tpus:tpu rois:roi pois:poi mris:mri agreed:agree disagreed:disagree freed:free
    guaranteed:guarantee grounded:grounding learnt:learn
""")
"""Plurals and participles that no rule undoes, on the way to their singular."""

SPELLING = _pairs("""
    acknowledgement:acknowledgment aeroplane:airplane ageing:aging aluminium:aluminum anaemia:anemia
    anaesthesia:anesthesia anaesthetic:anesthetic analogue:analog artefact:artifact calibre:caliber
    catalogue:catalog centre:center centred:centered centring:centering defence:defense dialogue:dialog disc:disk
    distil:distill enrol:enroll fibre:fiber foetal:fetal foetus:fetus fulfil:fulfill grey:gray
    haemoglobin:hemoglobin haemorrhage:hemorrhage instil:instill judgement:judgment leukaemia:leukemia
    licence:license litre:liter manoeuvre:maneuver maths:math metre:meter mould:mold offence:offense
    oesophageal:esophageal oestrogen:estrogen orthopaedic:orthopedic paediatric:pediatric plough:plow
    practise:practice programme:program sceptic:skeptic sceptical:skeptical speciality:specialty sulphate:sulfate
    sulphur:sulfur theatre:theater whilst:while
""")
"""British to American, for what the patterns of ``inflection`` leave."""

OUR = _words("arm behavi col endeav fav flav harb hon hum lab neighb rum savi tum vap vig")
"""What stands before a British -our."""

DOUBLED_L = _words("""
    cancel channel compel control counsel dial dispel equal excel expel fuel initial label level marvel model panel
    parcel patrol propel repel rival signal spiral total travel tunnel unravel
""")
"""Verbs whose l some or all double before -ing and -ed."""

KEPT = _words("""
    alias always atlas bias canvas chaos christmas cosmos kudos lens mathematics news pandas perhaps series species
    texas whereas
    anything bearing building clothing coding embedding evening everything grounding hearing housing imaging lighting
    meaning meeting morning nothing outing ranking rating reasoning scaling setting something spacing timing wording
    embed envelope finale forte humane locale morale paste rationale suite urbane
""")
"""Words that look inflected and are not, or whose bare form means something else in a paper.

``ranking`` is not the ``rank`` of low-rank, ``coding`` not the ``code`` that is "available at", ``scaling`` not the
``scale`` of large-scale.
"""

COUNTED_ICS = _words(
    "basics characteristics clinics comics critics diagnostics fabrics graphics heuristics logics lyrics metrics "
    "mimics mosaics pics relics rubrics statics tactics topics traffics"
)
"""Words in -ics that are the plural of one in -ic; the others name a subject (``physics``, ``robotics``)."""

STRONG = _words(
    "cross cyber hyper intra macro meta micro multi neuro non omni pseudo quasi self semi socio spatio ultra visuo"
)
"""First parts that make a compound with almost anything: multi-agent, multiagent."""

WHOLE = (
    "crossed", "crossing", "cybern", "hyperbol", "metabol", "metall", "metaph", "multiple", "multipli", "multiply",
    "multitud", "neuron", "nonethe", "selfie", "selfish",
)  # fmt: skip
"""Starts of words that begin like ``STRONG`` and are no compounds."""

WEAK = _words("auto bi co counter de down inter mis out over post pre re sub super un under uni up")
"""First parts that only make a compound with one of ``SECOND``: pre-training, but ``present`` is one word."""

SECOND = _words("""
    adapt adaptation agent align alignment argument author balance bias blur build category class cluster compute
    condition confidence confident constrain couple define dependence design differentiate directional disciplinary
    domain encode encoder estimate estimation evolution evolve example exist explore factual field fill fit
    formulate frame frequency fuse generate goal goals graph hoc human identification identify information
    intelligence label lateral layer learn level linear linearity lingual link match ml modal module network noise
    normalize occur occurrence operability operate optimal optimality optimize ordinate ordination pair parameterize
    parametrize partite perform phrase pilot pixel plan policy population problem process processing quadratic
    quantize query question rank ranker ranking reflect regression regressive reliance rely represent representation
    resolution roll sample scale scaling section sequence set smooth space specify stream string structure subject
    supervise system task text think token train tree trunk tune type usable use utilization utilize variate vector
    visit weight word write
""")

COMPOUNDS = {
    first: frozenset(seconds.split())
    for first, _, seconds in (
        line.strip().partition(" ")
        for line in """
        ad hoc
        anti aliasing
        arg max min
        back bone door ground off propagate propagation
        bench mark
        bio chemical informatics inspired medical physics
        block chain
        book mark
        bot net
        build up
        chat bot
        check point
        clean up
        common sense
        cut off
        code base book
        data base point set
        deep fake mind
        drop out
        ego centric motion
        end point
        eye tracking
        feed back forward
        few shot
        file system name
        fall back
        fine grained tune
        follow up
        fore cast ground
        frame work
        front end
        geo location spatial
        git hub
        grid world
        hand book craft written
        hard ware
        high light
        hold out
        jail break
        key frame point word
        knowledge base
        land mark
        lay out
        life cycle long span time
        light weight
        long standing
        look ahead up
        low rank
        mid training
        mini batch
        name space
        note book
        null space
        off line policy
        on board device line policy
        one shot
        open source
        pair wise
        pay load off
        photo realism realistic
        pipe line
        play back
        plug in
        point cloud
        pre print
        read out
        real time
        roll back out
        sand box
        screen shot
        set up
        snap shot
        soft max
        speed up
        stand alone still
        start up
        story board telling
        tele operate operation operator presence
        test bed
        text book
        time out series stamp step
        tool box kit
        trade off
        view point
        walk through
        warm up start
        water mark
        way point
        web page site
        work flow load place space
        zero shot
        """.strip().splitlines()
    )
}
"""First part, then the second parts that it is also written in one word with."""

SUFFIXES = frozenset({"like", "wise"})
"""Second parts that make a compound with anything: human-like, layerwise."""
