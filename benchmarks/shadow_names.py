"""What AI services and their look-alikes are called in logs and on statements, for the companies.

Written from how vendors name their applications and how statements read, and not from the lists
that the models match with: a name that those lack is a miss.
"""

from __future__ import annotations

import random

# What consent screens and sign-in logs call them.
APPLICATIONS = {
    "chatgpt": ("ChatGPT", "OpenAI ChatGPT", "Chat GPT", "ChatGPT Enterprise", "ChatGPT by OpenAI"),
    "claude": ("Claude", "Claude.ai", "Claude for Google Drive", "Anthropic", "Claude for Work"),
    "perplexity": ("Perplexity", "Perplexity AI", "Perplexity.ai"),
    "gemini": ("Gemini", "Google Gemini"),
    "deepseek": ("DeepSeek", "DeepSeek AI"),
    "grok": ("Grok", "xAI Grok"),
    "le_chat": ("Le Chat", "Mistral AI", "Le Chat Mistral"),
    "notebooklm": ("NotebookLM",),
    "fireflies": ("Fireflies.ai", "Fireflies.ai Notetaker", "Fireflies Notetaker"),
    "otter": ("Otter.ai", "Otter", "Otter.ai Notetaker"),
    "read_ai": ("Read AI", "read.ai", "Read AI Meeting Notes"),
    "fathom": ("Fathom", "Fathom AI Notetaker", "Fathom Notetaker"),
    "tldv": ("tl;dv", "tldv"),
    "granola": ("Granola",),
    "grammarly": ("Grammarly", "Grammarly for Business"),
    "quillbot": ("QuillBot",),
    "jasper": ("Jasper", "Jasper.ai"),
    "copy_ai": ("Copy.ai", "CopyAI"),
    "writesonic": ("Writesonic",),
    "gamma": ("Gamma", "gamma.app"),
    "cursor": ("Cursor", "Cursor AI"),
    "windsurf": ("Windsurf",),
    "replit": ("Replit",),
    "lovable": ("Lovable", "lovable.dev"),
    "github_copilot": ("GitHub Copilot",),
    "huggingface": ("Hugging Face", "HuggingFace"),
    "midjourney": ("Midjourney", "Midjourney Bot"),
    "heygen": ("HeyGen",),
    "synthesia": ("Synthesia",),
    "elevenlabs": ("ElevenLabs", "Eleven Labs"),
    "poe": ("Poe",),
    "manus": ("Manus", "Manus AI"),
    "deepl": ("DeepL", "DeepL Translator"),
    "character_ai": ("Character.AI",),
    "genspark": ("Genspark",),
    "sider": ("Sider", "Sider AI"),
}
# What statements print, before a terminal adds to it or cuts it off.
MERCHANTS = {
    "chatgpt": ("OPENAI *CHATGPT SUBSCR", "CHATGPT SUBSCRIPTION", "OPENAI* CHATGPT PLUS"),
    "openai_api": ("OPENAI", "OPENAI OPCO, LLC", "OPENAI LLC"),
    "claude": ("CLAUDE.AI SUBSCRIPTION", "ANTHROPIC* CLAUDE SUB", "CLAUDE PRO"),
    "anthropic_api": ("ANTHROPIC", "ANTHROPIC, PBC"),
    "cursor": ("CURSOR, AI POWERED IDE", "CURSOR USAGE MID OCT", "ANYSPHERE"),
    "midjourney": ("MIDJOURNEY INC.",),
    "perplexity": ("PERPLEXITY AI", "PERPLEXITY PRO"),
    "elevenlabs": ("ELEVENLABS.IO", "ELEVEN LABS"),
    "grammarly": ("GRAMMARLY CO*9QX7", "GRAMMARLY"),
    "replit": ("REPLIT, INC.", "REPLIT"),
    "runway": ("RUNWAYML", "RUNWAY AI INC", "RUNWAY ML"),
    "suno": ("SUNO INC.", "SUNO.COM"),
    "jasper": ("JASPER.AI", "JASPER AI INC"),
    "heygen": ("HEYGEN TECHNOLOGY INC", "HEYGEN"),
    "synthesia": ("SYNTHESIA LIMITED",),
    "deepl": ("DEEPL SE", "DEEPL* SUBSCRIPTION"),
    "quillbot": ("QUILLBOT",),
    "openrouter": ("OPENROUTER, INC",),
    "huggingface": ("HUGGINGFACE", "HUGGING FACE"),
    "runpod": ("RUNPOD.IO",),
    "together": ("TOGETHER AI", "TOGETHER COMPUTER INC"),
    "lovable": ("LOVABLE.DEV", "LOVABLE LABS"),
    "bolt": ("BOLT.NEW", "STACKBLITZ INC"),
    "gamma": ("GAMMA.APP",),
    "otter": ("OTTER.AI",),
    "fireflies": ("FIREFLIES.AI",),
    "windsurf": ("WINDSURF AI", "EXAFUNCTION CODEIUM"),
    "xai_api": ("XAI LLC",),
    "leonardo": ("LEONARDO.AI",),
    "writesonic": ("WRITESONIC",),
    "copy_ai": ("COPYAI", "COPY.AI INC"),
    "replicate": ("REPLICATE.COM",),
    "groq": ("GROQ INC",),
    "fal": ("FAL.AI",),
    "tabnine": ("TABNINE LTD",),
    "descript": ("DESCRIPT",),
    "deepseek": ("DEEPSEEK",),
    "manus": ("MANUS AI",),
}
PROCESSORS = ("PAYPAL *", "PADDLE.NET* ", "SP ", "")
TAILS = (
    "", " +14158799686 CA", " SAN FRANCISCO CA", " 4155550100", " SAN FRANCISCO US", " NEW YORK NY",
    " 888-555-0134", " LONDON", " DUBLIN IE", " USD", " #482913", " WWW.INVOICE.COM",
)  # fmt: skip
SOFTWARE_CATEGORIES = ("5734", "7372", "5817", "5818", "4816", "")
# A vendor's name in another's.
WORDS = (
    "Claude", "Perplexity", "Gemini", "Cursor", "Jasper", "Otter", "Fathom", "Granola", "Gamma",
    "Lovable", "Windsurf", "Poe", "Manus", "Monica", "Sider", "Julius", "Runway", "Suno", "Grok",
    "Replicate", "Descript", "Elicit", "Udio", "Cohere", "Glean", "Fireflies", "Mistral", "Lindy",
    "Read", "Together", "Open", "Chat", "Deep",
)  # fmt: skip
NOUNS = (
    "Bakery", "Plumbing", "Airlines", "Dental", "Shoes", "Park", "Hotel", "Pharmacy", "Pets",
    "Flowers", "Cinema", "Tours", "Horoscopes", "Paddling", "Books", "Gallery", "Fitness",
    "Calendar", "Fonts", "Florist", "Museum", "Sushi", "Taxi", "Brewing", "Optics", "Garage",
)  # fmt: skip
FIRST_NAMES = ("Jean", "Marie", "Saint", "Old", "Little", "Royal", "Blue", "North")
OTHER_APPLICATIONS = (
    "Zoom", "Slack", "Miro", "Asana", "Figma", "Lucidchart", "Calendly", "Dropbox", "DocuSign",
    "HubSpot", "Zapier", "Loom", "Airtable", "Todoist", "Evernote", "Mailchimp", "OpenAIR",
    "Claudette", "ChatGPTify Fonts", "Perplexed", "Grokker", "Copy Air", "Read Aloud", "DeepLake",
)  # fmt: skip
OTHER_MERCHANTS = (
    "CLAUDE MONET MUSEUM", "MIDTOWN JOURNEY", "OPEN AIR CINEMA", "OPENAIRE FESTIVAL",
    "SUNOCO 01234", "ANTHROPOLOGIE 212", "COHERENT OPTICS", "UBER *TRIP", "HOTEL ADLON",
    "OPENTABLE", "LUFTHANSA",
    "JASPER NATIONAL PARK", "PERPLEXITY BAR", "CURSOR & CO", "GROQUET CLUB", "AMZN MKTP US*2K3",
    "DEEPLY ROOTED YOGA", "GITHUB, INC.", "ZOOM.US 888-799", "MISTRAL CAFE", "THE LOVABLE DOG",
    "REPLICA WATCHES", "MAXAIR HVAC", "AI WEIWEI EXHIBITION", "DR XAIDI MD", "VENICE AIRPORT",
)  # fmt: skip
OTHER_CATEGORIES = ("5812", "5651", "7991", "8021", "5999", "4121", "7011", "5734", "7372", "")


def statement_text(text: str, rng: random.Random) -> str:
    """Return a merchant's text as some terminal prints it: processor, place, number, cut off."""
    processor = rng.choice(PROCESSORS) if rng.random() < 0.25 else ""
    printed = f"{processor}{text}{rng.choice(TAILS)}"
    return printed[:22] if rng.random() < 0.2 and len(processor + text) <= 22 else printed


def look_alike_name(rng: random.Random) -> str:
    """Return an application's name that is no AI service's, often with a vendor's word in it."""
    word, noun = rng.choice(WORDS), rng.choice(NOUNS)
    return rng.choice(
        (
            f"{word} {noun}", f"{word}'s {noun}", f"{rng.choice(FIRST_NAMES)} {word} {noun}",
            f"{word}ton {noun}", f"{noun} {word}", f"{word}{noun.lower()}",
            rng.choice(OTHER_APPLICATIONS), rng.choice(OTHER_APPLICATIONS),
        )
    )  # fmt: skip


def look_alike_merchant(rng: random.Random) -> str:
    """Return a merchant's text that is no AI vendor's, often with a vendor's word in it."""
    word, noun = rng.choice(WORDS).upper(), rng.choice(NOUNS).upper()
    text = rng.choice(
        (
            f"{word} {noun}", f"{rng.choice(FIRST_NAMES).upper()} {word} {noun}",
            f"{word}'S {noun}", f"{word}SON {noun}", f"{noun} {word}", rng.choice(OTHER_MERCHANTS),
            rng.choice(OTHER_MERCHANTS), rng.choice(OTHER_MERCHANTS),
        )
    )  # fmt: skip
    return statement_text(text, rng)
