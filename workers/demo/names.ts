import type { Chance } from "./random.ts";

/** Names of companies that do not exist: a made-up root and a word of the trade. */
export const roots =
  "Alder Amber Anvil Arbor Ardent Argent Ashdown Aster Auburn Avalon Bayleaf Beacon Birch Blackthorn Bluebell Bramble Brant Briar Brindle Brook Calder Canopy Caraway Cardinal Cascade Cedar Celandine Chalk Cinder Cirrus Clover Cobalt Compass Copper Coral Corvid Cove Crescent Crown Dapple Delta Dewdrop Dovetail Driftwood Dunlin Eastgate Ember Evergreen Falcon Fathom Fennel Fern Ferry Finch Firth Flint Fox Foxglove Gable Garnet Gilded Glade Granite Greystone Halcyon Harbour Hawthorn Hazel Heath Helios Heron Hickory Highland Hollow Indigo Ironwood Ivory Jasper Juniper Kestrel Kingfisher Lantern Larch Lark Laurel Lichen Linden Lodestar Lumen Lupin Magnolia Maple Marigold Marlin Meadow Meridian Mistral Moorland Moss Myrtle Nectar Nimbus Northgate Oakfield Onyx Orchard Osprey Otter Parallel Pebble Peregrine Petrel Pinewood Plover Polaris Poplar Prairie Quarry Quartz Quill Rampart Raven Redwood Ridgeway Rowan Saffron Sandpiper Sequoia Shale Sienna Silver Slate Solstice Sparrow Spruce Starling Sterling Summit Sundial Swift Sycamore Tamarind Teal Tern Thicket Thistle Timber Topaz Tundra Umber Vantage Verdant Vesper Walnut Waypoint Westwind Wheatley Whitby Willow Wren Yarrow Zephyr"
    .split(" ")
    .filter(Boolean);

export const trades = {
  Software: ["Systems", "Cloud", "Software", "Data", "Apps", "Digital"],
  Retail: ["Goods", "Outfitters", "Market", "Home", "Trading", "Stores"],
  Healthcare: ["Health", "Clinics", "Dental", "Care", "Medical", "Wellness"],
  Finance: ["Capital", "Advisory", "Insurance", "Payments", "Lending", "Finance"],
  Education: ["Academy", "Learning", "Tutors", "Campus", "Courses", "Schools"],
  Logistics: ["Logistics", "Freight", "Couriers", "Shipping", "Transport", "Warehousing"],
  Media: ["Studios", "Media", "Press", "Pictures", "Publishing", "Audio"],
  Manufacturing: ["Works", "Robotics", "Tools", "Materials", "Engineering", "Components"],
} as const;

export type Industry = keyof typeof trades;
export const industries: readonly (readonly [Industry, number])[] = [
  ["Software", 24],
  ["Retail", 17],
  ["Healthcare", 12],
  ["Finance", 11],
  ["Education", 9],
  ["Logistics", 9],
  ["Media", 10],
  ["Manufacturing", 8],
];

const maxTries = 30;

/** Hands out names, no name twice. */
export function createNames(): (chance: Chance, industry: Industry) => string {
  const taken = new Set<string>();
  return (chance, industry) => {
    let name = "";
    for (let tries = 0; tries < maxTries && (name === "" || taken.has(name)); tries += 1)
      name = `${chance.pick(roots)} ${chance.pick(trades[industry])}`;
    // a very large demo runs out of pairs
    if (taken.has(name)) name = `${name} ${taken.size + 1}`;
    taken.add(name);
    return name;
  };
}

/** `billing@alder-systems.example`: .example belongs to nobody. */
export const emailOf = (name: string): string =>
  `billing@${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.example`;
