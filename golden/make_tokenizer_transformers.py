#!/usr/bin/env python3
"""Golden token ids of transformers' CLIPTokenizer, under the settings that published pipelines have beside CLIP's vocabulary.
usage: make_tokenizer_transformers.py GOLDEN_TOKENIZER_DIR OUT.json  (needs transformers 5)"""
import gzip, json, shutil, sys, tempfile
from pathlib import Path
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"


def token(content, normalized=True, **more):
    return {"content": content, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False, **more}


def old(pad):
    """Settings as of Stable Diffusion 1.5 (pad: the end) and 2.1 (pad: "!")."""
    tokens = {"bos_token": token(START), "eos_token": token(END), "unk_token": token(END)}
    kind = {"__type": "AddedToken"}
    return {"tokenizer_config.json": {**{k: {**kind, **v} for k, v in tokens.items()}, "do_lower_case": True, "model_max_length": 77,
                                      "pad_token": END, "tokenizer_class": "CLIPTokenizer"},
            "special_tokens_map.json": {**tokens, "pad_token": pad}}


SETTINGS = {
    "bare": {},
    "sd15": old(END),
    "sd21": old("!"),
    "listed": {"tokenizer_config.json": {
        "added_tokens_decoder": {"0": token("!", False, special=True), "49406": token(START, special=True), "49407": token(END, False, special=True)},
        "bos_token": START, "eos_token": END, "pad_token": "!", "unk_token": END, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}},
    "learnt": {"added_tokens.json": {"<cat-toy>": 49408, "<Word>": 49409}, "tokenizer_config.json": {
        "added_tokens_decoder": {"49408": token("<cat-toy>", True, special=False), "49409": {**token("<Word>", True, special=False), "single_word": True}},
        "bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END, "tokenizer_class": "CLIPTokenizer"}},
}
TEXTS = [
    "a photo of a cat", "", " ", "A photo of a   golden\tretriever.", "“quoted” — dashes – and … dots", "‘single’", "dog’s", "don’t", "DON'T we'll", "„low“",
    "ʼmod", "ＦＵＬＬ ｗｉｄｔｈ", "ﬁ ﬂ ﬀ ﬃ ﬄ ﬅ ﬆ", "Ĳ ĳ ŉ ǆ ǅ Ǆ", "Σ ΑΣ ΣΑΣ ς", "ὈΔΥΣΣΕΎΣ", "İstanbul Iı", "&amp; &lt;b&gt; &quot;q&quot;", "a&nbsp;b",
    "&eacute; &#233; &#x1F600;", "<b>bold</b> &amp; x", "&lt;|endoftext|&gt;", "<|endoftext|> inside", "x<|startoftext|>y <|STARTOFTEXT|>", "<|endoftext|",
    "a cat! b", "wow!!! 3", "!", "e\u0301 \u00e9", "a\u00a0b\u2003c", "a\x85b", "a\x0bb", "a\x1d b", "\x1b[31mred", "\ufeffbom", "cafÃ©", "日本語のテキスト",
    "emoji 😀🚀 and ❤️", "½ ² ™ ﬁ ligature 1990s: 3.14", "ﾊﾝｶｸ １２３", "x" * 50, "snake_case_words CamelCase", "\u2028line\u2029sep", "s'S 'ſ ſt", "ñ n\u0303",
    "한글 한글", "a <cat-toy> and <CAT-toy>s", "<Word> <word>s x<Word>",
]
source, out = Path(sys.argv[1]), Path(sys.argv[2])
ids = {}
for name, files in SETTINGS.items():
    with tempfile.TemporaryDirectory() as folder:
        for part in ("vocab.json", "merges.txt"):
            with gzip.open(source / (part + ".gz")) as a, open(Path(folder) / part, "wb") as b:
                shutil.copyfileobj(a, b)
        for file, content in files.items():
            (Path(folder) / file).write_text(json.dumps(content))
        tokenizer = CLIPTokenizer.from_pretrained(folder)
        ids[name] = [tokenizer(text)["input_ids"][1:-1] for text in TEXTS]
out.write_text(json.dumps({"settings": SETTINGS, "texts": TEXTS, "ids": ids}, ensure_ascii=False, separators=(",", ":")) + "\n")
