/** The spoken languages that a form offers, as BCP 47 tags. Any other can be given over the interface. */
export const SPOKEN: readonly string[] = [
  ..."ar bg bn cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv ms nb".split(" "),
  ..."nl pl pt ro ru sk sl sq sr sv sw ta th tr uk ur uz vi zh".split(" "),
];
