// What the scripts say, in the language of the page. The tables are words-en.js and words-de.js.
import { GERMAN } from "./words-de.js";
import { ENGLISH } from "./words-en.js";

export const WORDS = document.documentElement.lang === "de" ? GERMAN : ENGLISH;

/** A number with so many decimals, as the language writes it. */
export const decimal = (value, digits = 1) => value.toFixed(digits).replace(".", WORDS.decimal);
