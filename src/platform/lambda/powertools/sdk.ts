/** What a CommonJS or default import of `aws-xray-sdk-core` gives. */
import * as sdk from "./xray.js";

export { sdk };
