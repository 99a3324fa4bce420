// "stop" and its translations, matched without a model and without asking anybody: the sooner the button is there, the
// better. The lists come with the page; `missions/core/stop_words.py` holds them and does the same.
const EDGE = /^[\s.,;:!?¡¿。，！？、-]+/u;
const LETTER = /^[\p{L}\p{N}]/u;

let lists = null;

function words() {
  const given = document.getElementById("composer-stop-words");
  lists ??= given ? JSON.parse(given.textContent) : { stop: [], around: [] };
  return lists;
}

const folded = (text) =>
  text.toLowerCase().replaceAll("ß", "ss").replaceAll("ł", "l").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");

// A word of letters ends where no letter follows; scripts without spaces know no such end.
function ends(word, rest) {
  const next = rest.slice(word.length, word.length + 1);
  return !LETTER.test(next) || word.codePointAt(word.length - 1) >= 0x2e80 || next.codePointAt(0) >= 0x2e80;
}

const taken = (rest, list) => list.find((word) => rest.startsWith(word) && ends(word, rest)) ?? "";

/** {stop: it begins as a stop, only: and says nothing else} */
export function findStop(text) {
  let rest = folded(text);
  let stop = false;
  for (;;) {
    rest = rest.replace(EDGE, "");
    if (!rest) return { stop, only: stop };
    let word = taken(rest, words().stop);
    stop ||= word !== "";
    word ||= taken(rest, words().around);
    if (!word) return { stop, only: false };
    rest = rest.slice(word.length);
  }
}
