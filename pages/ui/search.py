"""Finds documents by the words of whoever asks: plain documents in, the best of them out.

A document's score is the sum, over the words of the search that it has, of how rare the word is among all documents
(log(1 + N/n), n of N having it) times where it stands (`PLACES`), doubled for words that stand side by side there as
they were asked. It is multiplied by the share of the search that was found, and by 1 to 2 for the share of the title
that was asked for. A document of which somebody says a whole phrase (`said`) comes before all others, if the phrase is
at least half of what was asked.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_WORDS = 24  # of a search; no question needs more
PLACES = {"title": 4.0, "said": 2.0, "text": 1.0, "more": 0.25}
LEAST = 0.2  # of a search: what has less of it is no hit
HALF = 0.5  # of what was asked: so much a phrase must be
PREFIX = 3  # letters that may stand for a longer word
ALIKE, LONG = 0.8, 5  # how alike a misspelt word of so many letters must be
_STOP = """
a about am an and any are as at be because been but by ca can choose could did difference do does doing done explain
for from get gets had happens has have how i if in into is it its just let like make may me meaning means might much
must my need of on or our please s set shall she should so some tell than that the their them then there these they
thing this those to too us use used using versus very vs was we were what when where which who whom why will with wo
would you your
"""
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (("ization", "iz"), ("izer", "iz"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ate", "at"),
            ("izing", "iz"), ("ized", "iz"), ("ize", "iz"), ("ing", ""), ("ed", ""), ("ly", ""))


@dataclass(frozen=True)
class Document:
    """What can be found: what names it, and its words, from those that count most to those that count least.

    said: what somebody may say who looks for it; text: what a hit shows; more: what else belongs to it.
    """

    key: str
    title: str
    text: str = ""
    more: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The keys of the hits, best first; the words that nothing has; misspelt ones, each with what it is read as."""

    hits: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    read_as: tuple[tuple[str, str], ...] = ()
    asked: int = 0  # different words in the search


def plain(text: str) -> str:
    """In small letters without accents, apostrophes and what follows them; `doesn't` as `does not`."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in spread if not unicodedata.combining(sign)).replace("’", "'")
    return re.sub(r"(?<=\w)'\w*", "", re.sub(r"n't\b", " not", letters.replace("can't", "can not")))


def stem(word: str) -> str:
    """A word without its ending: layers, layer; vanishing, vanishes; optimizers, optimization."""
    if not word.isascii() or len(word) <= 3:
        return word
    word = re.sub(r"is(e|ed|es|ing|er|ers|ation|ations)$", r"iz\1", word) if len(word) > 6 else word
    if word.endswith(("sses", "ches", "shes", "xes", "ases", "uses")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is", "as")):
        word = word[:-1]
    for ending, instead in _ENDINGS:
        left = word.removesuffix(ending)
        if left != word and len(left) >= 3 and re.search("[aeiouy]", left) and not word.endswith("eed"):
            word = left + instead
            if not instead and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    word = word[:-1] if word.endswith("e") and len(word) > 3 else word
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


def stems(text: str) -> list[str]:
    """The stems of its words, in order."""
    return [stem(word) for word in _WORD.findall(plain(text))]


STOP = frozenset(stems(_STOP))  # words that stand everywhere


class Index:
    """Documents that can be searched.

    Args:
        synonyms: groups of words or phrases that mean the same; each is read as the first of its group.
    """

    def __init__(self, documents: Sequence[Document], synonyms: Iterable[Sequence[str]] = ()) -> None:
        groups = list(synonyms)
        self._instead = {tuple(stems(one)): " ".join(stems(group[0])) for group in groups for one in group}
        self._longest = max(map(len, self._instead), default=1)
        self._documents = [_Read(one, self) for one in documents]
        self._count = Counter(word for one in self._documents for word in one.places)
        texts = [*(_text(one, place) for one in documents for place in PLACES), *(" ".join(group) for group in groups)]
        self._spelt = dict.fromkeys(word for text in texts for word in [*_WORD.findall(plain(text)), *joined(text)])

    def read(self, text: str) -> list[str]:
        """The stems of a text with synonyms replaced, the longest first."""
        found, left = [], stems(text)
        while left:
            size = next((size for size in range(min(self._longest, len(left)), 0, -1)
                         if tuple(left[:size]) in self._instead), 0)
            found.append(self._instead[tuple(left[:size])] if size else left[0])
            left = left[size or 1:]
        return found

    def find(self, search: str) -> Result:
        """What fits the search, best first. Words that stand everywhere count only where there is no other."""
        asked = list(dict.fromkeys(self.read(search)))
        wanted = [word for word in asked[:MOST_WORDS] if word not in STOP]
        if not wanted:
            return Result(tuple(one.document.key for one in self._documents if asked and one.whole == asked),
                          asked=len(asked))
        original = {stem(word): word for word in _WORD.findall(plain(search))}
        meant: list[frozenset[str]] = []
        unknown, read_as = [], []
        for word in wanted:
            known, spelt, other = {word} & self._count.keys() or self._longer(word), original.get(word, word), ""
            if not known:
                other = self._alike(spelt)
                known = set(self.read(other)) & self._count.keys()
            if known:
                meant.append(frozenset(known))
                read_as += [(spelt, other)] if other else []
            else:
                unknown.append(spelt)
        return Result(self._best(meant), tuple(unknown), tuple(read_as), len(asked))

    def _longer(self, word: str) -> set[str]:
        """The words of the documents that begin with it."""
        return {one for one in self._count if one.startswith(word)} if len(word) >= PREFIX else set()

    def _alike(self, word: str) -> str:
        """A word that is spelt like it; an empty text if there is none."""
        found = difflib.get_close_matches(word, self._spelt, n=1, cutoff=ALIKE) if len(word) >= LONG else []
        return found[0] if found else ""

    def _best(self, meant: Sequence[frozenset[str]]) -> tuple[str, ...]:
        """The documents that have some of the words, each given as what it may stand for; best first."""
        rare = [math.log(1 + len(self._documents) / max(self._count[word] for word in words)) for words in meant]
        everything = sum(rare)
        ranked: list[tuple[float, float, str]] = []
        for one in self._documents:
            places = one.places_of(meant)
            found = sum(weight * min(place, 1) for weight, place in zip(rare, places, strict=True))
            if found and found >= LEAST * everything:
                score = sum(weight * place * (1 + one.has_beside(meant, at))
                            for at, (weight, place) in enumerate(zip(rare, places, strict=True)))
                said = max(sum(rare[at] for at in phrase) for phrase in one.said(meant))
                ranked.append((said if said >= HALF * everything else 0.0,
                               score * found * (1 + one.share_of_title(meant)), one.document.key))
        return tuple(key for *_, key in sorted(ranked, key=lambda hit: (-hit[0], -hit[1])))


def joined(text: str) -> list[str]:
    """Words with a hyphen as one: preactivation."""
    return [word.replace("-", "") for word in re.findall(r"\w+(?:-\w+)+", plain(text))]


class _Read:
    """A document as the index has read it."""

    def __init__(self, document: Document, index: Index) -> None:
        self.document = document
        self.whole = index.read(document.title)
        self.title = set(self.whole) - STOP or set(self.whole)
        self.phrases = [phrase for said in document.said if (phrase := frozenset(index.read(said)) - STOP)]
        self.places: dict[str, float] = {}  # word -> the most that a place where it stands counts
        for place, counts in PLACES.items():
            text = _text(document, place)
            for word in [*index.read(text), *stems(text), *map(stem, joined(text))]:
                self.places[word] = max(self.places.get(word, 0.0), counts)
        texts = [[word for word in index.read(text) if word not in STOP] for text in (document.title, document.text)]
        self.pairs = {pair for text in texts for pair in pairwise(text)}

    def places_of(self, meant: Sequence[frozenset[str]]) -> list[float]:
        """What counts of each word of a search; 0 for one that it does not have."""
        return [max(self.places.get(word, 0.0) for word in words) for words in meant]

    def has_beside(self, meant: Sequence[frozenset[str]], at: int) -> bool:
        """Whether a word of the search stands in it beside the word that it was asked beside."""
        return any((before, after) in self.pairs for one, other in pairwise(meant[max(0, at - 1):at + 2])
                   for before in one for after in other)

    def said(self, meant: Sequence[frozenset[str]]) -> list[set[int]]:
        """Of each phrase that is said as a whole, which words of the search it is; an empty one to begin with."""
        return [set()] + [{at for at, words in enumerate(meant) if words & phrase} for phrase in self.phrases
                          if all(any(word in words for words in meant) for word in phrase)]

    def share_of_title(self, meant: Iterable[frozenset[str]]) -> float:
        """How much of its title was asked for."""
        return len(self.title & frozenset().union(*meant)) / max(1, len(self.title))


def _text(document: Document, place: str) -> str:
    return "\n".join(document.said) if place == "said" else getattr(document, place)
