#!/usr/bin/env python3
"""Golden token ids of the CLIP tokenizer, from openai/CLIP's own code, and its vocabulary in the two files that diffusers
directories carry.  usage: make_tokenizer.py OUT_DIR CLIP_DIR  (CLIP_DIR holds clip/simple_tokenizer.py and its vocabulary)"""
import gzip, importlib.util, json, sys
from pathlib import Path
out, src = Path(sys.argv[1]), Path(sys.argv[2]) / "clip"; out.mkdir(parents=True, exist_ok=True)
spec = importlib.util.spec_from_file_location("simple_tokenizer", src / "simple_tokenizer.py"); m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)
t = m.SimpleTokenizer(str(src / "bpe_simple_vocab_16e6.txt.gz"))
merges = gzip.open(src / "bpe_simple_vocab_16e6.txt.gz").read().decode("utf-8").split("\n")[1:49152 - 256 - 2 + 1]
for name, content in (("vocab.json", json.dumps(t.encoder, ensure_ascii=False)), ("merges.txt", "#version: 0.2\n" + "\n".join(merges) + "\n")):
    with open(out / f"{name}.gz", "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z: z.write(content.encode())
texts = ["a photo of a cat", "", " ", "A photo of a   golden\tretriever.", "an arctic fox, in snow; 4k!!", "naïve café Ünïcödé", "日本語のテキスト", "emoji 😀🚀 and ❤️", "don't we'll they've I'm",
         "x" * 200, "the 1990s: 3.14159 & 2,718", "HTML &amp; entities &lt;b&gt;", "new\nline\r\nand tab\t", "CamelCaseWords and snake_case_words", "a photo of a tench", "a photo of a great white shark",
         "a blurry photo of the school bus, on a street at night", "“quoted” — dashes – and … dots", "Ελληνικά Русский العربية", "a" + " b" * 90, "<|endoftext|> inside", "½ ² ™ ﬁ ligature",
         "&eacute;t&EACUTE; &notit; &amp;amp;lt; &copy2024 &#233; &#x1F600; &#0; &#128; &#xD800; &#1114112; &#8;", "a < b &ldquo;kept&rdquo;", "first &hellip;\nsecond <i>\nthird &hellip; &amp;quot;x&amp;quot;", "&nosuch; &; &#; &#x; & &NotEqualTilde; &BUNDLE;",
         "ＦＵＬＬ　ｗｉｄｔｈ！ ｶﾀｶﾅ ﾊﾝ", "ĳ Ĳ ǆ ŉ ﬃ ﬅ ﬆ", "'single' ‘curly’ ‛low‛ „german“ ‟x‟ ʼn ʼ", "line\u2028sep\u2029par\u0085next\x0bvt\x0cff\rcr", "\x1b[31mred\x1b[0m bell\x07 nul\x00 del\x7f bom\ufeff obj\ufffc", "c1 \x80 \x93quoted\x94 \x81",
         "e\u0301 decomposed A\u030a vs \u212b \u2126", "हिन्दी ไทย தமிழ் עברית", "ΣΊΣΥΦΟΣ İstanbul ẞ ǅ", "it's IT'S it’s ’S 's't", "٣ ५ Ⅻ ① 𝟘 1²", "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽", "<|startoftext|>a<|ENDOFTEXT|>b <|endoftext|", "\u00a0no\u00a0break\u2003em\u3000ideographic\u200bzero", "a_b-c/d\\e@f.com #tag $5 100% (x) [y] {z} ~`^|", "https://example.org/?q=1&lang=en&copy=2",
         "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis", "\u017fs '\u017f K \u212a", "ａ&amp;ｂ ﹠ ＆amp;", "\x1c\x1dsep\x1e", " \t\n", "…!?…", "ßẞ ŒœÆæ Þþ Ðð Łł", "\ud83d lone"]
(out / "cases.json").write_text(json.dumps([dict(text=s, ids=t.encode(s)) for s in texts], ensure_ascii=True, indent=0))
print(len(t.encoder), len(merges), t.encode("a photo of a cat"))
