"""What the sample titles say about themselves: texts, languages, spoken lines."""

LOOP_MS = 16000

LANGUAGES = {
    "en": {"label": "English", "iso": "eng", "voice": "en-gb-x-rp"},
    "fr": {"label": "Français", "iso": "fra", "voice": "fr-fr"},
    "es": {"label": "Español", "iso": "spa", "voice": "es-419"},
}

# Of each line: start and end in seconds, speaker (None: a sound, not spoken), cue settings, texts.
TITLES = {
    "tidewater": {
        "title": "Tidewater",
        "tagline": "What the sea keeps, it returns.",
        "synopsis": "For forty years Maren has kept a lighthouse that no ship needs any more. One evening a boat with no"
                    " name drifts in on the tide, and the lamp begins to answer signals nobody else can see.",
        "year": 2025, "genres": ["Drama", "Mystery"], "rating": "PG", "duration_ms": 600000, "accent": "#ff9a5c",
        "languages": ["en", "fr"], "pace": 132, "pitch": 34, "vp9": False,
        "lines": [
            (0.3, 3.2, "Narrator", "", {"en": "Tidewater, in English.", "fr": "Tidewater, en français."}),
            (3.4, 6.0, "Narrator", "", {"en": "The lighthouse counts for us.", "fr": "Le phare compte pour nous."}),
            (6.0, 8.0, None, "line:12% align:center", {"en": "A gull calls, far off", "fr": "Une mouette crie au loin"}),
            (8.0, 10.7, "Narrator", "", {"en": "Eight seconds. Half the tide.", "fr": "Huit secondes. Mi-marée."}),
            (10.8, 13.4, "Narrator", "position:50% align:center",
             {"en": "What the sea keeps, it returns.", "fr": "Ce que la mer garde, elle le rend."}),
            (13.5, 15.9, "Narrator", "", {"en": "Back to the beginning.", "fr": "Retour au commencement."}),
        ],
    },
    "nightline": {
        "title": "Nightline",
        "tagline": "The last train knows everyone.",
        "synopsis": "Every night the same seven strangers ride the last train of Line 9. When it fails to reach its"
                    " final stop, the city outside the windows starts to repeat, and only one of them notices.",
        "year": 2026, "genres": ["Science fiction", "Thriller"], "rating": "12", "duration_ms": 480000, "accent": "#ff3d7f",
        "languages": ["en", "fr"], "pace": 150, "pitch": 44, "vp9": True,
        "lines": [
            (0.3, 2.9, "Conductor", "", {"en": "Nightline, in English.", "fr": "Nightline, en français."}),
            (3.0, 5.6, "Conductor", "align:start position:10%",
             {"en": "Line nine. This is the last train.", "fr": "Ligne neuf. C'est le dernier train."}),
            (5.6, 8.0, None, "line:12%", {"en": "The train crosses the river", "fr": "Le train traverse le fleuve"}),
            (8.0, 10.6, "Conductor", "", {"en": "Eight seconds. Mind the doors.", "fr": "Huit secondes. Attention aux portes."}),
            (10.8, 13.3, "Passenger", "align:end position:90%",
             {"en": "The last train knows everyone.", "fr": "Le dernier train connaît tout le monde."}),
            (13.4, 15.9, "Conductor", "", {"en": "Next stop, the beginning.", "fr": "Prochain arrêt, le commencement."}),
        ],
    },
    "paperbirds": {
        "title": "Paperbirds",
        "tagline": "Fold once for luck, twice for home.",
        "synopsis": "Seven paper cranes, folded from one torn letter, set out over the hills to find the hands that wrote"
                    " it. A small film about distance, for everyone who has ever sent something off and waited.",
        "year": 2024, "genres": ["Animation", "Family"], "rating": "U", "duration_ms": 720000, "accent": "#3fa7b5",
        "languages": ["en", "es"], "pace": 138, "pitch": 58, "vp9": False,
        "lines": [
            (0.3, 3.0, "Storyteller", "", {"en": "Paperbirds, in English.", "es": "Paperbirds, en español."}),
            (3.1, 6.0, "Storyteller", "",
             {"en": "Seven birds, from one sheet of paper.", "es": "Siete pájaros, de una hoja de papel."}),
            (6.0, 8.0, None, "line:12%", {"en": "Wings of paper", "es": "Alas de papel"}),
            (8.0, 10.6, "Storyteller", "", {"en": "Eight seconds. Fold again.", "es": "Ocho segundos. Dobla otra vez."}),
            (10.7, 13.4, "Storyteller", "position:50% align:center",
             {"en": "Fold once for luck, twice for home.", "es": "Un pliegue por la suerte, dos para volver."}),
            (13.5, 15.9, "Storyteller", "", {"en": "And over the hills once more.", "es": "Y otra vez sobre las colinas."}),
        ],
    },
}

# Of each rung: height, width, target in kilobits a second.
LADDER = [(180, 320, 110), (270, 480, 170), (360, 640, 240), (540, 960, 430), (720, 1280, 720), (1080, 1920, 1150)]
VP9_LADDER = [(180, 320, 60), (360, 640, 190), (720, 1280, 560)]
