/** The last step of an app's build, run in its folder: makes `bundle` of its `dist`. */
import { bundleApp } from './bundle-app.js';

await bundleApp(process.cwd());
