/** Stands in for edgespan where the application is to run without it. */
const same = <T>(value: T): T => value;

export const instrument = same;
export const instrumentDurableObject = same;
export const instrumentEntrypoint = same;
export const instrumentWorkflow = same;
export const moreBindings = {};
