import type { Act, Kind, Round, Story } from './concurrent-story.ts'

/* Stories that once went wrong, made small, with the reason. */

type Short = readonly [writer: number, kind: Kind, at: number, to: number]

const toAct = ([writer, kind, at, to]: Short): Act => ({ writer, kind, at, to })

function round(order: number, away: readonly number[], ...acts: readonly Short[]): Round {
  return { acts: acts.map(toAct), away, order }
}

export interface Regression {
  readonly seed: number
  /** What happened. */
  readonly reason: string
  readonly story: Story
}

export const regressions: readonly Regression[] = [
  {
    seed: 1196,
    reason: 'a paste of the very nodes that a block showed before it was emptied wrote nothing',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(493724484, [], [1, 'enter', 0.0983, 0.8555]),
        round(1370841605, [], [1, 'cutBlocks', 0.2329, 0.2463]),
      ],
    },
  },
  {
    seed: 295,
    reason:
      'the old place of a carried copy still seemed alive where its deletion was unknown, and won over the new one',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(226699479, [], [2, 'joinForward', 0.3232, 0.415]),
        round(391222941, [], [2, 'wrap', 0.2986, 0.1742]),
        round(321208464, [], [1, 'enter', 0.2816, 0.9523]),
        round(663150583, [], [3, 'enter', 0.7631, 0.5199]),
        round(
          1991224779,
          [],
          [0, 'enter', 0.2235, 0.2795],
          [0, 'cutBlocks', 0.6675, 0.6989],
          [1, 'undo', 0.9764, 0.5855],
          [1, 'drag', 0.3062, 0.7237],
          [1, 'deleteWord', 0.0071, 0.1499],
          [3, 'joinForward', 0.5489, 0.8237],
          [3, 'undo', 0.6508, 0.3703],
        ),
      ],
    },
  },
  {
    seed: 1149,
    reason: 'a block was deleted before the record of its deletion came, from somebody else',
    story: {
      writers: 3,
      isLive: true,
      rounds: [
        round(443375761, [], [0, 'enter', 0.5997, 0.5278]),
        round(
          601428102,
          [],
          [0, 'drag', 0.3205, 0.8497],
          [0, 'pasteThree', 0.8625, 0.9187],
          [0, 'undo', 0.344, 0.349],
          [2, 'enter', 0.801, 0.723],
        ),
        round(1829767296, [], [0, 'drag', 0.8123, 0.4306], [1, 'drag', 0.7358, 0.8088]),
        round(1502557492, [], [1, 'undo', 0.7291, 0.2526]),
        round(145246425, [2], [1, 'drag', 0.5639, 0.2714], [2, 'cutBlocks', 0.8104, 0.6597]),
        round(2020221756, [], [0, 'drag', 0.7922, 0.6947]),
      ],
    },
  },
  {
    seed: 3159,
    reason: 'letters that look alike in a paste were taken for text that was cut',
    story: {
      writers: 4,
      isLive: false,
      rounds: [
        round(1930749751, [1], [3, 'joinForward', 0.162, 0.5715]),
        round(1927777456, [1], [1, 'drag', 0.4632, 0.2407]),
        round(183449310, [1], [1, 'cutBlocks', 0.3103, 0.9909]),
        round(817202226, [], [1, 'undo', 0.0353, 0.0156], [1, 'pasteThree', 0.728, 0.6557]),
      ],
    },
  },
  {
    seed: 3219,
    reason: 'a copy was judged before the record that made it came',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(
          408481773,
          [0],
          [0, 'wrap', 0.5026, 0.7969],
          [1, 'type', 0.8527, 0.5794],
          [3, 'joinForward', 0.4007, 0.0935],
        ),
        round(1532102308, [0], [2, 'backspace', 0.8088, 0.6449]),
        round(1783838940, [0], [1, 'cutBlocks', 0.4529, 0.3161], [3, 'drag', 0.1172, 0.8259]),
        round(716631261, [0], [2, 'joinForward', 0.1437, 0.9274]),
        round(1426517744, [], [0, 'drag', 0.5134, 0.7034]),
      ],
    },
  },
  {
    seed: 3176,
    reason: 'a copy of a copy and that copy lost to different ones',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(1212012263, [], [1, 'cutBlocks', 0.0466, 0.9891]),
        round(565351641, [1], [0, 'wrap', 0.9947, 0.0273]),
        round(72707853, [1], [3, 'wrap', 0.9276, 0.9802]),
        round(1245730976, [], [1, 'drag', 0.9395, 0.101]),
      ],
    },
  },
  {
    seed: 142,
    reason: 'a copy that gave way kept a word that the other mover had never seen',
    story: {
      writers: 4,
      isLive: false,
      rounds: [
        round(
          878740847,
          [],
          [1, 'enter', 0.8625, 0.059],
          [1, 'enter', 0.778, 0.2244],
          [1, 'enter', 0.3294, 0.7149],
          [2, 'enter', 0.0156, 0.5741],
        ),
        round(
          423630411,
          [],
          [0, 'enter', 0.5988, 0.6194],
          [1, 'drag', 0.6198, 0.4986],
          [3, 'type', 0.5903, 0.1731],
          [3, 'wrap', 0.5829, 0.5813],
        ),
      ],
    },
  },
  {
    seed: 1056,
    reason: 'a word followed letters that had left its block before it was typed',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(2045378971, [], [0, 'enter', 0.8481, 0.2089]),
        round(50575791, [], [1, 'type', 0.8848, 0.201], [2, 'drag', 0.8214, 0.8751]),
      ],
    },
  },
  {
    seed: 1120,
    reason: 'a word did not go back to its neighbours when they were pasted',
    story: {
      writers: 4,
      isLive: true,
      rounds: [round(5087881, [], [0, 'cutBlocks', 0.3807, 0.574], [1, 'type', 0.4765, 0.7901])],
    },
  },
  {
    seed: 1031,
    reason: 'a word followed letters that came after it was typed',
    story: {
      writers: 4,
      isLive: false,
      rounds: [
        round(
          213334254,
          [],
          [0, 'backspace', 0.2967, 0.9768],
          [0, 'undo', 0.7671, 0.9112],
          [1, 'type', 0.2194, 0.5875],
        ),
      ],
    },
  },
  {
    seed: 134,
    reason: 'a word did not go back to what was carried',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(
          233570402,
          [],
          [0, 'type', 0.0156, 0.8315],
          [0, 'drag', 0.1272, 0.8951],
          [1, 'joinForward', 0.0193, 0.7238],
        ),
      ],
    },
  },
  {
    seed: 3180,
    reason: 'a word that found a farther place forgot the nearer ones',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(2067046218, [1], [1, 'type', 0.0239, 0.7307]),
        round(
          2096997693,
          [],
          [0, 'cutPaste', 0.4902, 0.019],
          [0, 'cutBlocks', 0.087, 0.2383],
          [1, 'backspace', 0.3138, 0.9033],
        ),
      ],
    },
  },
  {
    seed: 2200,
    reason: 'a word stayed with letters that came after it was typed',
    story: {
      writers: 2,
      isLive: false,
      rounds: [round(1626594457, [], [0, 'type', 0.3449, 0.5947], [1, 'cutBlocks', 0.3272, 0.7521])],
    },
  },
  {
    seed: 7094,
    reason: 'a word followed a letter that the change which wrote the word had deleted',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(1625375827, [], [0, 'enter', 0.5404, 0.9272], [0, 'wrap', 0.9876, 0.9052]),
        round(1686631998, [], [1, 'enter', 0.689, 0.8124]),
        round(
          270200970,
          [],
          [0, 'drag', 0.5743, 0.0202],
          [0, 'cutBlocks', 0.2434, 0.9245],
          [0, 'cutBlocks', 0.2445, 0.6425],
          [1, 'enter', 0.2539, 0.6564],
          [1, 'type', 0.0851, 0.851],
        ),
      ],
    },
  },
  {
    seed: 6034,
    reason: 'a word did not follow what somebody with a lower number had carried',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(
          1052352784,
          [],
          [0, 'wrap', 0.6308, 0.1101],
          [0, 'enter', 0.8056, 0.8756],
          [1, 'cutBlocks', 0.0955, 0.7822],
        ),
        round(
          1783447394,
          [],
          [0, 'type', 0.5592, 0.2206],
          [1, 'backspace', 0.5559, 0.3244],
          [2, 'drag', 0.4727, 0.8964],
        ),
      ],
    },
  },
  {
    seed: 7079,
    reason: 'a copy that gave way took along what another change had put into its block',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(
          113135872,
          [],
          [1, 'backspace', 0.7496, 0.2979],
          [1, 'joinForward', 0.1507, 0.8213],
          [2, 'backspace', 0.5552, 0.9937],
        ),
        round(
          2061142503,
          [],
          [0, 'drag', 0.692, 0.1518],
          [1, 'backspace', 0.8323, 0.8733],
          [2, 'backspace', 0.9082, 0.0033],
        ),
        round(
          427458944,
          [],
          [0, 'cutBlocks', 0.9134, 0.0859],
          [2, 'backspace', 0.1748, 0.165],
          [2, 'type', 0.1617, 0.8864],
        ),
      ],
    },
  },
  {
    seed: 2212,
    reason: 'the same, of text that stood there before the copy',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(1926878816, [], [1, 'cutBlocks', 0.2118, 0.1593], [2, 'enter', 0.7827, 0.0514]),
        round(1066042892, [1], [0, 'cutBlocks', 0.3499, 0.0969], [0, 'joinForward', 0.4696, 0.3698]),
        round(194902180, [1], [1, 'drag', 0.4258, 0.0559]),
        round(172985888, [], [2, 'type', 0.2406, 0.6205]),
      ],
    },
  },
  {
    seed: 2076,
    reason: 'a word that had been carried stayed behind when what it was carried to was carried',
    story: {
      writers: 2,
      isLive: true,
      rounds: [
        round(1819272454, [], [1, 'pasteThree', 0.3599, 0.8316], [1, 'enter', 0.7372, 0.3558]),
        round(
          630148594,
          [],
          [0, 'cutBlocks', 0.2736, 0.5934],
          [1, 'enter', 0.2795, 0.8953],
          [1, 'cutBlocks', 0.2426, 0.3374],
          [1, 'type', 0.2545, 0.124],
        ),
      ],
    },
  },
  {
    seed: 3078,
    reason: 'two texts that a repair had put side by side went as one',
    story: {
      writers: 2,
      isLive: true,
      rounds: [
        round(70079456, [0], [1, 'cutBlocks', 0.029, 0.9349]),
        round(1510178453, [0], [0, 'pasteThree', 0.0783, 0.3743]),
        round(6125395, [0], [1, 'backspace', 0.5119, 0.9843]),
        round(815636540, [], [0, 'type', 0.2431, 0.6928]),
      ],
    },
  },
  {
    seed: 7247,
    reason: 'a word went back to what its own writer had parted from it',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(
          399467514,
          [],
          [0, 'enter', 0.447, 0.7814],
          [1, 'enter', 0.9797, 0.3341],
          [1, 'cutPaste', 0.2713, 0.5476],
        ),
        round(1829131045, [], [1, 'enter', 0.8978, 0.2044]),
        round(891964548, [], [0, 'enter', 0.6914, 0.1245]),
        round(405587685, [1], [0, 'joinForward', 0.0698, 0.2911], [1, 'backspace', 0.5156, 0.5127]),
        round(955254610, [], [0, 'type', 0.4484, 0.7568], [0, 'enter', 0.4095, 0.4764]),
      ],
    },
  },
  {
    seed: 6043,
    reason: 'a word that had moved together with a copy that gave way stayed behind',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(164060211, [0], [0, 'type', 0.9352, 0.2027]),
        round(1428400175, [0], [1, 'cutBlocks', 0.2311, 0.9915]),
        round(1085940700, [], [0, 'cutBlocks', 0.9712, 0.7083]),
      ],
    },
  },
  {
    seed: 3176,
    reason: 'a word did not wait for a letter that was dead until a repair brought it back',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(
          1212012263,
          [],
          [1, 'cutBlocks', 0.0466, 0.9891],
          [2, 'type', 0.7973, 0.0083],
          [3, 'joinForward', 0.0187, 0.7972],
        ),
        round(1398358132, [], [2, 'pasteThree', 0.8431, 0.8041]),
        round(852220692, [], [0, 'drag', 0.7179, 0.0786]),
        round(565351641, [1], [0, 'cutBlocks', 0.6525, 0.9117], [2, 'wrap', 0.982, 0.1148]),
        round(72707853, [], [1, 'type', 0.7215, 0.0651]),
      ],
    },
  },
  {
    seed: 277,
    reason: 'a word stayed behind because a repair had seen it',
    story: {
      writers: 4,
      isLive: false,
      rounds: [
        round(
          1014602026,
          [],
          [0, 'cutPaste', 0.2173, 0.523],
          [2, 'cutBlocks', 0.9338, 0.0885],
          [2, 'type', 0.2817, 0.597],
          [3, 'pasteThree', 0.6159, 0.4085],
          [3, 'backspace', 0.7416, 0.8671],
          [3, 'pasteThree', 0.526, 0.5859],
        ),
      ],
    },
  },
  {
    seed: 3116,
    reason:
      'a word that an undo brought back was looked for where somebody else had parted it from its neighbours',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(
          537519298,
          [],
          [1, 'enter', 0.8857, 0.8765],
          [2, 'deleteWord', 0.8715, 0.9626],
          [2, 'undo', 0.6924, 0.9918],
        ),
      ],
    },
  },
  {
    seed: 1467,
    reason: 'a word was looked for beside one word, though it stood where the other had been deleted',
    story: {
      writers: 2,
      isLive: true,
      rounds: [
        round(552722643, [], [0, 'type', 0.9759, 0.3212], [1, 'backspace', 0.2864, 0.9217]),
        round(1371914456, [], [1, 'type', 0.9506, 0.4714]),
        round(1679216288, [], [1, 'cutPaste', 0.9451, 0.1295]),
        round(1421189405, [0], [0, 'type', 0.9477, 0.5065], [1, 'cutBlocks', 0.9055, 0.0454]),
        round(545527275, [], [1, 'undo', 0.3859, 0.6396]),
      ],
    },
  },
  {
    seed: 50227,
    reason:
      'an undo put text between two letters that stand the other way round, and others had it elsewhere',
    story: {
      writers: 2,
      isLive: false,
      rounds: [
        round(1999767035, [], [0, 'cutBlocks', 0.9701, 0.0783], [1, 'type', 0.0943, 0.5318]),
        round(18435574, [], [1, 'cutBlocks', 0.814, 0.2168]),
        round(205822342, [], [1, 'undo', 0.2572, 0.8943]),
        round(370149540, [], [1, 'cutBlocks', 0.4162, 0.258]),
        round(1484589024, [], [1, 'drag', 0.2152, 0.6881], [1, 'undo', 0.547, 0.3739]),
      ],
    },
  },
  {
    seed: 50473,
    reason: 'what was carried got into a word of which half had come',
    story: {
      writers: 3,
      isLive: true,
      rounds: [
        round(
          981149926,
          [],
          [1, 'enter', 0.4279, 0.8635],
          [2, 'joinForward', 0.8404, 0.1012],
          [2, 'backspace', 0.2915, 0.5061],
        ),
        round(59412797, [], [0, 'joinForward', 0.3559, 0.3538], [2, 'backspace', 0.8743, 0.0373]),
        round(1922382954, [], [1, 'enter', 0.983, 0.0495], [2, 'pasteThree', 0.0015, 0.1121]),
        round(8342700, [], [1, 'cutBlocks', 0.2759, 0.1739], [1, 'drag', 0.8083, 0.0504]),
        round(441594006, [], [1, 'type', 0.445, 0.3671]),
        round(1143693359, [], [1, 'joinForward', 0.7804, 0.8077]),
        round(
          1883525306,
          [],
          [0, 'type', 0.5263, 0.5603],
          [0, 'retype', 0.4569, 0.5951],
          [1, 'type', 0.615, 0.2443],
          [1, 'type', 0.0935, 0.6597],
          [2, 'cutBlocks', 0.6937, 0.5028],
        ),
      ],
    },
  },
  {
    seed: 80427,
    reason: 'a copy gave way before the record came that says to which one, and that one was gone',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(1784813201, [], [2, 'pasteThree', 0.96, 0.818]),
        round(1169390394, [], [2, 'pasteThree', 0.712, 0.122]),
        round(
          1709113136,
          [0],
          [1, 'type', 0.853, 0.714],
          [2, 'cutBlocks', 0.417, 0.361],
          [2, 'drag', 0.859, 0.623],
        ),
        round(1767336499, [], [0, 'enter', 0.377, 0.703], [0, 'undo', 0.895, 0.28]),
      ],
    },
  },
  {
    seed: 300339,
    reason:
      'a whole block was taken for a letter of the callout around it, since Yjs had forgotten what died beside it',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(
          1076042115,
          [],
          [1, 'joinForward', 0.769, 0.373],
          [3, 'wrap', 0.992, 0.394],
          [3, 'wrap', 0.598, 0.809],
        ),
        round(1281286228, [], [0, 'backspace', 0.728, 0.588]),
        round(218053085, [], [0, 'drag', 0.822, 0.756], [2, 'backspace', 0.823, 0.219]),
        round(1941874571, [], [2, 'undo', 0.736, 0.882]),
      ],
    },
  },
  {
    seed: 50380,
    reason: 'a word that had gone along with a join stayed behind when somebody took that back',
    story: {
      writers: 4,
      isLive: true,
      rounds: [
        round(745120875, [], [1, 'joinForward', 0.423, 0.114], [2, 'pasteThree', 0.469, 0.451]),
        round(
          1097502820,
          [],
          [1, 'backspace', 0.489, 0.972],
          [1, 'undo', 0.638, 0.826],
          [3, 'type', 0.512, 0.51],
        ),
      ],
    },
  },
  {
    seed: 300840,
    reason: 'a word was typed behind a line break that somebody cut, in a text of its own',
    story: {
      writers: 3,
      isLive: false,
      rounds: [
        round(2044956633, [], [0, 'enter', 0.26, 0.998], [2, 'retype', 0.127, 0.7]),
        round(957494540, [], [1, 'enter', 0.128, 0.201]),
        round(1762426603, [], [1, 'list', 0.139, 0.03]),
        round(821143177, [], [1, 'cutBlocks', 0.116, 0.368], [2, 'type', 0.078, 0.337]),
      ],
    },
  },
]
