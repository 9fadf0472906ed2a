import { SupplyFault } from '../supply-fault.js';

/** A repository takes more than may be downloaded: asking again changes nothing. */
export class TooLargeFault extends SupplyFault {}
