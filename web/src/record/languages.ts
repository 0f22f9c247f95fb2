/**
 * From a BCP 47 tag to the three letters that an MP4 track's header holds.
 *
 * `mdhd` takes ISO 639-2/T only; the whole tag goes into `elng` beside it. Source: ISO 639-2 code list. The same as
 * `src/vivavoce/record/languages.py`.
 *
 * @module
 */

const CODES = `
  aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze ba bak be bel
  bg bul bi bis bm bam bn ben bo bod br bre bs bos ca cat ce che ch cha co cos cr cre cs ces cu chu
  cv chv cy cym da dan de deu dv div dz dzo ee ewe el ell en eng eo epo es spa et est eu eus fa fas
  ff ful fi fin fj fij fo fao fr fra fy fry ga gle gd gla gl glg gn grn gu guj gv glv ha hau he heb
  hi hin ho hmo hr hrv ht hat hu hun hy hye hz her ia ina id ind ie ile ig ibo ii iii ik ipk io ido
  is isl it ita iu iku ja jpn jv jav ka kat kg kon ki kik kj kua kk kaz kl kal km khm kn kan ko kor
  kr kau ks kas ku kur kv kom kw cor ky kir la lat lb ltz lg lug li lim ln lin lo lao lt lit lu lub
  lv lav mg mlg mh mah mi mri mk mkd ml mal mn mon mr mar ms msa mt mlt my mya na nau nb nob nd nde
  ne nep ng ndo nl nld nn nno no nor nr nbl nv nav ny nya oc oci oj oji om orm or ori os oss pa pan
  pi pli pl pol ps pus pt por qu que rm roh rn run ro ron ru rus rw kin sa san sc srd sd snd se sme
  sg sag si sin sk slk sl slv sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun sv swe sw swa
  ta tam te tel tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw twi ty tah
  ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor za zha zh zho
  zu zul
`;
const words = CODES.trim().split(/\s+/);
const THREE = new Map<string, string>();
for (let at = 0; at < words.length; at += 2) THREE.set(words[at] as string, words[at + 1] as string);
// Members that ISO 639-2 has only as their macrolanguage, and codes that were withdrawn and are still sent.
for (const [two, three] of Object.entries({
  cmn: "zho",
  yue: "zho",
  arb: "ara",
  iw: "heb",
  in: "ind",
  ji: "yid",
}))
  THREE.set(two, three);

/** Three letters for a BCP 47 tag; `und` where there are none. Does not check that they are registered. */
export function iso6392(tag: string): string {
  const primary = (tag.split("-")[0] ?? "").toLowerCase();
  return THREE.get(primary) ?? (/^[a-z]{3}$/.test(primary) ? primary : "und");
}

/** The language as `mdhd` holds it: three times five bits, `a` is 1. Source: ISO/IEC 14496-12 s.8.4.2. */
export function packed(tag: string): number {
  return [...iso6392(tag)].reduce((value, letter) => value * 32 + (letter.charCodeAt(0) - 0x60), 0);
}
