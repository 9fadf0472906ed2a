/** Where the Python environment of a task is mounted; its programs know the place by this name. */
export const PYTHON_PLACE = '/mnt/python';

/** Where repositories of the Hub are mounted, one directory each. */
export const HUB_PLACE = '/mnt/hub';

/** What programs take for the cache of the Hub. The same in every sandbox: caches hold paths of files below it. */
export const HUB_HOME = '/home/agent/.cache/huggingface';

/** Where what a preparation runs is mounted. */
export const PREPARE_PLACE = '/mnt/prepare';

/** Where a preparation keeps what the next try can use again. */
export const WORK_PLACE = '/mnt/work';
