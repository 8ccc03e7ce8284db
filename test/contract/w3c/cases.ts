/**
 * What the W3C's recommendations demand of a participant, as requests and what must come of them.
 * A title names the recommendation (TC1 and TC2 are Trace Context level 1 and 2, B is Baggage),
 * the section, and the word: MUST or SHOULD.
 * @see https://www.w3.org/TR/trace-context-1/
 * @see https://www.w3.org/TR/trace-context-2/
 * @see https://www.w3.org/TR/baggage/
 */
import type { Headers } from "../get.ts";

/** What an upstream is to hear. */
export interface Heard {
  /** Whether the caller's trace goes on; else a new one begins. */
  readonly continued: boolean;
  /** Default: sampled and random where a trace begins, the caller's where it goes on. */
  readonly flags?: string;
  /** Default: none. */
  readonly tracestate?: string;
  /** Default: none. */
  readonly baggage?: string;
}

export interface Case {
  readonly title: string;
  readonly headers: Headers;
  readonly heard: Heard;
}

export const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
export const CALLER = "00f067aa0ba902b7";

const parent = (flags = "01", version = "00"): string => `${version}-${TRACE}-${CALLER}-${flags}`;
const good = parent();
const NEW: Heard = { continued: false };

/** Continues the trace whatever else is sent, with the tracestate that is given. */
const state = (title: string, tracestate: string | string[], kept?: string): Case => ({
  title,
  headers: { traceparent: good, tracestate },
  heard: { continued: true, ...(kept && { tracestate: kept }) },
});
const restarts = (title: string, traceparent: string | string[]): Case => ({
  title,
  headers: { traceparent, tracestate: "vendor=1" },
  heard: NEW,
});
const continues = (title: string, traceparent: string, flags = "01"): Case => ({
  title,
  headers: { traceparent },
  heard: { continued: true, flags },
});
const bag = (title: string, baggage: string | string[], heard = baggage as string): Case => ({
  title,
  headers: { traceparent: good, baggage },
  heard: { continued: true, ...(heard && { baggage: heard }) },
});

const members = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => `k${from + index}=${index}`).join(",");
const keyChars = "abcdefghijklmnopqrstuvwxyz0123456789_-*/@";
const valueChars = Array.from({ length: 0x5f }, (_, index) => String.fromCharCode(0x20 + index))
  .join("")
  .replaceAll(/[,=]/g, "");
const long = "x".repeat(256);

export const TRACEPARENT: readonly Case[] = [
  { title: "TC2 3.4 SHOULD: without traceparent a trace begins", headers: {}, heard: NEW },
  continues("TC1 3.4 MUST: a traceparent that came is sent on", good),
  ...["TraceParent", "TRACEPARENT"].map((name) => ({
    title: `TC1 3.2.1 MUST: the name is expected in any case: ${name}`,
    headers: { [name]: good },
    heard: { continued: true },
  })),
  restarts(
    "TC1 3.2.2.3 MUST: a trace-id of zeros makes traceparent ignored",
    good.replace(TRACE, "0".repeat(32)),
  ),
  restarts(
    "TC1 3.2.2.3 MUST: a trace-id in upper case makes it ignored",
    good.replace(TRACE, TRACE.toUpperCase()),
  ),
  restarts(
    "TC1 3.2.2.3 MUST: a trace-id with other characters makes it ignored",
    good.replace("4bf9", ".bf9"),
  ),
  restarts(
    "TC1 3.2.2.3 MUST: a trace-id that is too short makes it ignored",
    good.replace("4bf9", "bf9"),
  ),
  restarts(
    "TC1 3.2.2.3 MUST: a trace-id that is too long makes it ignored",
    good.replace("4bf9", "44bf9"),
  ),
  restarts(
    "TC1 3.2.2.4 MUST: a parent-id of zeros makes it ignored",
    good.replace(CALLER, "0".repeat(16)),
  ),
  restarts(
    "TC1 3.2.2.4 MUST: a parent-id in upper case makes it ignored",
    good.replace("aa0ba9", "AA0BA9"),
  ),
  restarts(
    "TC1 3.2.2.4 MUST: a parent-id with other characters makes it ignored",
    good.replace("2b7", "2b."),
  ),
  restarts(
    "TC1 3.2.2.4 MUST: a parent-id that is too short makes it ignored",
    good.replace("2b7", "2b"),
  ),
  restarts(
    "TC1 3.2.2.4 MUST: a parent-id that is too long makes it ignored",
    good.replace("2b7", "2b77"),
  ),
  continues(
    "TC1 3.2.2.5.1 SHOULD: a decision not to record is respected and told",
    parent("00"),
    "00",
  ),
  continues("TC2 3.2.2.5.2 MUST: the random flag stays set", parent("03"), "03"),
  continues(
    "TC2 3.2.2.5.2 MUST: the random flag stays set where nothing is recorded",
    parent("02"),
    "02",
  ),
  continues("TC2 3.2.2.5.2 MUST: the random flag stays unset", parent("01"), "01"),
  continues("TC1 3.2.2.5.2, TC2 3.2.2.5.3 MUST: other flags are set to zero", parent("ff"), "03"),
  continues("TC1 3.2.2.5 : flags are bits and no number", parent("09"), "01"),
  restarts("TC1 4.3: flags with other characters restart the trace", parent(".0")),
  restarts("TC1 4.3: flags that are too long restart the trace", parent("001")),
  restarts("TC1 4.3: flags that are too short restart the trace", parent("1")),
  restarts("TC1 3.2.2.1: version ff is invalid", parent("01", "ff")),
  restarts("TC1 3.2.2.2: version 00 has no further fields", `${good}-more`),
  restarts("TC1 3.2.2.2: version 00 has nothing behind its flags", `${good}.`),
  restarts(
    "TC1 3.2.4 MUST: a version with other characters restarts the trace",
    parent("01", ".0"),
  ),
  restarts("TC1 3.2.4 MUST: a version that is too long restarts the trace", parent("01", "000")),
  restarts("TC1 3.2.4 MUST: a version that is too short restarts the trace", parent("01", "0")),
  continues(
    "TC1 3.2.4 SHOULD: a higher version is read, and MUST be written as 00",
    parent("01", "cc"),
  ),
  continues(
    "TC1 3.2.4 MUST: unknown fields of a higher version are not assumed to be anything",
    `${parent("01", "cc")}-what-will-be`,
  ),
  restarts(
    "TC1 3.2.4 MUST: the flags of a higher version are followed by a dash or nothing",
    `${parent("01", "cc")}.what`,
  ),
  restarts(
    "TC1 3.2.4 MUST: the trace-id of a higher version is hex",
    parent("01", "cc").replace("4bf9", "4bg9"),
  ),
  restarts(
    "TC1 3.2.4 MUST: the parent-id of a higher version is followed by a dash",
    parent("01", "cc").replace("2b7-", "2b7."),
  ),
  restarts(
    "TC1 3.2.4: a higher version that is shorter than 55 characters restarts the trace",
    parent("01", "cc").slice(0, 54),
  ),
  restarts("RFC 9110 5.3: two traceparents are no traceparent", [
    good,
    good.replace("4bf9", "5bf9"),
  ]),
  restarts("RFC 9110 5.3: nor is one that comes twice", [good, good]),
  continues("RFC 9110 5.5: white space around a value is no part of it", ` \t${good} \t`),
  {
    title: "TC1 3.2.1: no other name is traceparent",
    headers: { "trace-parent": good, "trace.parent": good },
    heard: NEW,
  },
];

export const TRACESTATE: readonly Case[] = [
  {
    title: "TC1 3.3 MUST NOT: without traceparent tracestate is not read",
    headers: { tracestate: "a=1" },
    heard: NEW,
  },
  state(
    "TC1 3.5 MUST: a tracestate that came is sent on, its order preserved",
    "b=2,a=1",
    "b=2,a=1",
  ),
  {
    title: "TC1 3.5 MUST: a tracestate is sent on where nothing is recorded",
    headers: { traceparent: parent("00"), tracestate: "a=1" },
    heard: { continued: true, flags: "00", tracestate: "a=1" },
  },
  state(
    "TC1 3.3.1.1 MUST: several headers are combined, in their order",
    ["a=1,b=2", "c=3", "d=4"],
    "a=1,b=2,c=3,d=4",
  ),
  state("TC1 3.3.1.1 MUST: an empty tracestate is accepted, and SHOULD not be sent", ""),
  state("TC1 3.3.1.1: an empty header among others is none", ["a=1", "", "b=2"], "a=1,b=2"),
  state("TC1 3.3.1.1: empty members are allowed", "a=1,,b=2, ,", "a=1,b=2"),
  state("TC1 3.3.1.1: white space around members is ignored", " a=1 \t, \tb=2\t", "a=1,b=2"),
  state("TC1 3.3.1.1: 32 members are kept", members(32), members(32)),
  state("TC1 3.3.1.1: 33 members are too many", members(33)),
  state("TC1 3.3.1.1: 33 members of several headers are too many", [members(20), members(13, 20)]),
  state(
    "TC2 3.3.1.3.1 MUST: a key has all characters that are allowed",
    `${keyChars}=1`,
    `${keyChars}=1`,
  ),
  state("TC2 3.3.1.3.1 MUST: a key may begin with a digit", "1a=1", "1a=1"),
  state("TC1 3.3.1.3.1 MUST: a key of tenant and vendor", "fw529a3039@dt=1", "fw529a3039@dt=1"),
  state("TC2 3.3.1.3.1 MUST: an at sign has no meaning", "a@=1,b@@c=2", "a@=1,b@@c=2"),
  state(
    "TC1 3.3.1.3.1 MUST: a key of 256 characters",
    `a=1,${"z".repeat(256)}=1`,
    `a=1,${"z".repeat(256)}=1`,
  ),
  state(
    "TC1 3.3.1.3.1 MUST: a key of 257 characters discards the list",
    `a=1,${"z".repeat(257)}=1`,
  ),
  state("TC1 3.3.1.3.1 MUST: a key in upper case discards the list", "FOO=1,a=1"),
  state("TC1 3.3.1.3.1 MUST: a key with other characters discards the list", "foo.bar=1,a=1"),
  state("TC1 3.3.1.3.1 MUST: white space before the equals sign discards the list", "foo =1,a=1"),
  state("TC1 3.3.1.3.1 MUST: a key that begins with an at sign discards the list", "@foo=1,a=1"),
  state(
    "TC1 3.3.1.3.2: a value has all characters that are allowed",
    `a=${valueChars}`,
    `a=${valueChars}`,
  ),
  state("TC1 3.3.1.3.2 MUST: leading spaces belong to the value", "a=  b,c=1", "a=  b,c=1"),
  state("TC1 3.3.1.3.2: a value of 256 characters", `a=${long}`, `a=${long}`),
  state("TC1 3.3.1.3.2: a value of 257 characters discards the list", `a=${long}x,b=1`),
  state("TC1 3.3.1.3.2: an equals sign in a value discards the list", "a=b=c,b=1"),
  state("TC1 3.3.1.3.2: a value that is empty discards the list", "a=,b=1"),
  state("TC1 3.3.1.3.2: a member without a value discards the list", "a,b=1"),
  state("TC1 3.3.1.4: only one entry of a key is kept", "a=1,b=2,a=3", "a=1,b=2"),
  state(
    "TC1 3.3.1.5 SHOULD: 512 characters are propagated, and more",
    `a=${long},b=${long},c=${long}`,
    `a=${long},b=${long},c=${long}`,
  ),
  state("TC1 3.3 MUST NOT: a tracestate that is wrong does not affect traceparent", '"";;==,,,'),
  {
    title: "TC1 3.3.3: the tracestate of a higher version is read as well",
    headers: { traceparent: parent("01", "cc"), tracestate: "a=1" },
    heard: { continued: true, tracestate: "a=1" },
  },
  {
    title: "TC1 3.3.1 MUST: the name is expected in any case: TraceState",
    headers: { traceparent: good, TraceState: "a=1" },
    heard: { continued: true, tracestate: "a=1" },
  },
  {
    title: "TC1 3.3.1: no other name is tracestate",
    headers: { traceparent: good, "trace-state": "a=1", "trace.state": "a=1" },
    heard: { continued: true },
  },
  restarts("TC1 3.4 SHOULD: where the trace restarts, tracestate is cleaned up", "nonsense"),
];

const octets = Array.from({ length: 0x5e }, (_, index) => String.fromCharCode(0x21 + index))
  .join("")
  .replaceAll(/[",;\\%]/g, "");
const token = "!#$%&'*+-.^_`|~09azAZ";
const filled = (bytes: number): string => `a=${":".repeat(bytes - 2)}`;

export const BAGGAGE: readonly Case[] = [
  bag("B 3.5 SHOULD: a baggage that came is sent on", "a=1,b=2"),
  {
    title: "B 3.5 SHOULD: also where no trace came",
    headers: { baggage: "a=1" },
    heard: { continued: false, baggage: "a=1" },
  },
  {
    title: "B 3.5 SHOULD: also where nothing is recorded",
    headers: { traceparent: parent("00"), baggage: "a=1" },
    heard: { continued: true, flags: "00", baggage: "a=1" },
  },
  bag("B 3: several headers are one", ["a=1", "b=2,c=3"], "a=1,b=2,c=3"),
  {
    title: "B 3.1 SHOULD: the name is lower case on its way out",
    headers: { Baggage: "a=1" },
    heard: { continued: false, baggage: "a=1" },
  },
  bag("B 3.3.1.1 SHOULD: no two members of one key are produced", "a=1,b=2,a=3", "a=3,b=2"),
  bag("B 3.3.1.2: a key has all characters of a token, and stays as it is", `${token}=1`),
  bag("B 3.3.1.2: white space around a key is no part of it", " a \t=1,b\t=2", "a=1,b=2"),
  bag(
    "B 3.3.1.2: a key that is none is left out, and the others stay",
    "a b=1,c=2,(d)=3,=4,e",
    "c=2",
  ),
  bag("B 3.3.1.3: a value has all characters that are allowed, and stays as it is", `a=${octets}`),
  bag("B 3.3.1.3: white space around a value is no part of it", "a= 1 ,b=\t2", "a=1,b=2"),
  bag("B 3.3.1.3: a value may be empty", "a=,b=2"),
  bag(
    "B 3.3.1.3 MUST: what is no octet of baggage is percent-encoded",
    "a=%20%22%2C%3B%5C%C3%A9%F0%9F%98%80",
  ),
  bag("B 3.3.1.3 MUST: a percent sign is percent-encoded", "a=100%25,b=5%", "a=100%25,b=5%25"),
  bag(
    "B 3.3.1.3 MUST: octets that are no UTF-8 become U+FFFD",
    "a=x%80y,b=%C3",
    "a=x%EF%BF%BDy,b=%EF%BF%BD",
  ),
  bag("B 3.3.1.3 MUST NOT: an equals sign separates key and value once", "a=b=c==d"),
  bag("B 3.3.1.4: properties are kept", "a=1;p=q;r,b=2"),
  bag(
    "B 3.3.1.4: white space around properties is no part of them",
    "a=1 ; p=q ;\tr ,b=2",
    "a=1;p=q;r,b=2",
  ),
  bag("B 3.3.2 MUST: 64 members are propagated", members(64)),
  bag("B 3.3.2 SHOULD: more are propagated within reason: 180", members(180)),
  bag("B 3.3.2 MUST: 8192 bytes are propagated", filled(8_192)),
  bag(
    "B 3.3.2 MUST NOT: of what is too long no part of a member is propagated",
    `b=1,${filled(8_192)}`,
    "b=1",
  ),
  bag("B 3.3.2: the limits hold for all headers together", ["b=1", filled(8_192)], "b=1"),
];
