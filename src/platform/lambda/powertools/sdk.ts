/** What a CommonJS or default import of `aws-xray-sdk-core` gives. */
import * as sdk from "./stand-in.js";

export { sdk };
