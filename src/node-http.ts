export { instrumentNodeHttp } from "./instrument/node-http.js";
